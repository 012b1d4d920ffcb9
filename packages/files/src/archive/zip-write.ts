import zlib from 'node:zlib'

/** Where an archive goes. */
export interface ZipSink {
  /** Bytes written so far. */
  readonly position: number
  write(data: Uint8Array): void
}

const ALIGNMENT = 64
/** Sizes follow the data; names are UTF-8. */
const FLAGS = 0x0808
/** From here on a number stands in 64 bits, and this in its place. */
const WIDE = 0xffffffff
/** zlib counts in 32 bits. */
const PIECE = 2 ** 30

/**
 * A zip archive without compression, laid out as PyTorch's writer (miniz) does: data begin at multiples of 64 bytes;
 * sizes and offsets of 4 GiB and more stand in zip64 fields.
 */
export class StoredZip {
  readonly #sink: ZipSink
  readonly #root: string
  readonly #directory: Buffer[] = []
  #count = 0

  constructor(sink: ZipSink, root: string) {
    this.#sink = sink
    this.#root = root
  }

  add(name: string, data: Uint8Array): void {
    const path = Buffer.from(`${this.#root}/${name}`)
    const offset = this.#sink.position
    const checksum = checksumOf(data)
    const wide = wideFields(data.length, data.length, offset)
    const start = offset + 30 + path.length + wide.length + 4
    const padding = Buffer.alloc(4 + ((ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT), 'Z')
    padding.write('FB')
    padding.writeUInt16LE(padding.length - 4, 2)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(FLAGS, 6)
    local.writeUInt16LE(path.length, 26)
    local.writeUInt16LE(wide.length + padding.length, 28)
    // Here miniz does not know yet what compression would leave.
    this.#sink.write(Buffer.concat([local, path, wideFields(data.length, 0, offset), padding]))
    this.#sink.write(data)
    this.#sink.write(descriptorOf(checksum, data.length, wide.length > 0))
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50)
    central.writeUInt16LE(FLAGS, 8)
    central.writeUInt32LE(checksum, 16)
    central.writeUInt32LE(Math.min(data.length, WIDE), 20)
    central.writeUInt32LE(Math.min(data.length, WIDE), 24)
    central.writeUInt16LE(path.length, 28)
    central.writeUInt16LE(wide.length, 30)
    central.writeUInt32LE(Math.min(offset, WIDE), 42)
    this.#directory.push(central, path, wide)
    this.#count++
  }

  /** The directory, in 64-bit form and in the old one. */
  end(): void {
    const offset = this.#sink.position
    const directory = Buffer.concat(this.#directory)
    const count = this.#count
    const end = Buffer.alloc(56 + 20 + 22)
    end.writeUInt32LE(0x06064b50)
    end.writeBigUInt64LE(44n, 4)
    end.writeUInt16LE(0x031e, 12) // made by: as miniz writes
    end.writeUInt16LE(45, 14)
    for (const [i, value] of [count, count, directory.length, offset].entries())
      end.writeBigUInt64LE(BigInt(value), 24 + 8 * i)
    end.writeUInt32LE(0x07064b50, 56)
    end.writeBigUInt64LE(BigInt(offset + directory.length), 64)
    end.writeUInt32LE(1, 72)
    end.writeUInt32LE(0x06054b50, 76)
    end.writeUInt16LE(Math.min(count, 0xffff), 84)
    end.writeUInt16LE(Math.min(count, 0xffff), 86)
    end.writeUInt32LE(Math.min(directory.length, WIDE), 88)
    end.writeUInt32LE(Math.min(offset, WIDE), 92)
    this.#sink.write(directory)
    this.#sink.write(end)
  }
}

/** Of sizes and offset those that need 64 bits, in zip's field 1. */
function wideFields(length: number, stored: number, offset: number): Buffer {
  const values = [...(length >= WIDE ? [length, stored] : []), ...(offset >= WIDE ? [offset] : [])]
  if (values.length === 0) return Buffer.alloc(0)
  const field = Buffer.alloc(4 + 8 * values.length)
  field.writeUInt16LE(1)
  field.writeUInt16LE(field.length - 4, 2)
  for (const [i, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + 8 * i)
  return field
}

/** What stands behind the data; its sizes are wide where the entry has a wide field of any kind. */
function descriptorOf(checksum: number, length: number, wide: boolean): Buffer {
  const descriptor = Buffer.alloc(wide ? 24 : 16)
  descriptor.writeUInt32LE(0x08074b50)
  descriptor.writeUInt32LE(checksum, 4)
  for (const i of [0, 1])
    if (wide) descriptor.writeBigUInt64LE(BigInt(length), 8 + 8 * i)
    else descriptor.writeUInt32LE(length, 8 + 4 * i)
  return descriptor
}

function checksumOf(data: Uint8Array): number {
  let checksum = 0
  for (let at = 0; at < data.length; at += PIECE)
    checksum = zlib.crc32(data.subarray(at, at + PIECE), checksum)
  return checksum
}
