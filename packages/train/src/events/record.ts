// TFRecord, the framing of event files: length as uint64, its masked CRC, the bytes, their masked CRC; little-endian.

const HEADER = 12
const FOOTER = 4

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4) byte by byte. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** TensorFlow (core/lib/hash/crc32c.h) turns and shifts it, as records may hold CRCs themselves. */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

export function frame(payload: Uint8Array): Buffer {
  const record = Buffer.alloc(HEADER + payload.length + FOOTER)
  record.writeBigUInt64LE(BigInt(payload.length), 0)
  record.writeUInt32LE(maskedCrc(record.subarray(0, 8)), 8)
  record.set(payload, HEADER)
  record.writeUInt32LE(maskedCrc(payload), HEADER + payload.length)
  return record
}

/** The whole records of a file, each with where it begins; ends where one is cut off or damaged. */
export function* records(file: Buffer): Generator<{ at: number; payload: Buffer }> {
  for (let at = 0; at + HEADER + FOOTER <= file.length; ) {
    if (file.readUInt32LE(at + 8) !== maskedCrc(file.subarray(at, at + 8))) return
    const end = at + HEADER + Number(file.readBigUInt64LE(at))
    if (end + FOOTER > file.length) return
    const payload = file.subarray(at + HEADER, end)
    if (file.readUInt32LE(end) !== maskedCrc(payload)) return
    yield { at, payload }
    at = end + FOOTER
  }
}
