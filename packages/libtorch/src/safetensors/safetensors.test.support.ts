/** A file by the format's words: u64 little-endian length, JSON, bytes. */
export function file(header: unknown, data: Uint8Array | number = 0, length?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const start = Buffer.alloc(8)
  start.writeBigUInt64LE(length ?? BigInt(json.length))
  return Buffer.concat([start, json, typeof data === 'number' ? Buffer.alloc(data) : data])
}
