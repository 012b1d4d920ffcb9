import { OutputFile } from '@arcface/files'
import { DataError } from '../errors.js'

/** Protocols of Python's pickle that have a binary form. */
export type PickleProtocol = 2 | 3 | 4 | 5

const BATCH = 1000 // items an APPENDS
const FRAME_TARGET = 64 * 1024 // bytes from which a frame ends, and a value stands outside of frames
const FRAME_LEAST = 4

/**
 * Writes a verification set as `pickle.dump((images, same), file, protocol)` of CPython does for a list of bytes and a
 * list of bools: the same bytes. Memory: one frame.
 *
 * @param images encoded, two a pair, read while they are written
 * @param protocol 4 (the default) is Python's own since 3.8; 2 is what old tools read
 * @throws FilesError FILES_WRITE; DataError DATA_OPTION (not two images a pair)
 */
export function writeBin(
  path: string,
  images: readonly (() => Uint8Array)[],
  same: readonly boolean[],
  protocol: PickleProtocol = 4,
): void {
  if (images.length !== 2 * same.length)
    throw new DataError(
      'DATA_OPTION',
      `${path}: ${images.length} images are not two for each of ${same.length} pairs.`,
    )
  using file = new OutputFile(path)
  const pickler = new Pickler(file, protocol)
  pickler.list(images, (read) => pickler.bytes(read()))
  pickler.list(same, (flag) => pickler.op(flag ? 0x88 : 0x89))
  pickler.op(0x86) // a tuple of two
  pickler.memoize()
  pickler.end()
  file.commit()
}

/** The part of CPython's pickler (Modules/_pickle.c) that lists of bytes and bools need. */
class Pickler {
  readonly #file: OutputFile
  readonly #protocol: PickleProtocol
  #frame: Uint8Array[] = []
  #frameBytes = 0
  #memo = 0
  /** Memo positions of what protocol 2 makes bytes with. */
  #encode: number | undefined
  #latin1: number | undefined

  constructor(file: OutputFile, protocol: PickleProtocol) {
    this.#file = file
    this.#protocol = protocol
    file.write(Uint8Array.of(0x80, protocol))
  }

  op(...bytes: number[]): void {
    this.#boundary()
    this.#put(Uint8Array.from(bytes))
  }

  list<T>(items: readonly T[], save: (item: T) => void): void {
    this.op(0x5d)
    this.memoize()
    if (items.length === 1) {
      save(items[0]!)
      this.#put(Uint8Array.of(0x61)) // APPEND
      return
    }
    for (let start = 0; start < items.length; start += BATCH) {
      this.#put(Uint8Array.of(0x28)) // MARK
      for (const item of items.slice(start, start + BATCH)) save(item)
      this.#put(Uint8Array.of(0x65)) // APPENDS
    }
  }

  bytes(value: Uint8Array): void {
    this.#boundary()
    if (this.#protocol === 2) {
      this.#encoded(value)
      return
    }
    const header =
      value.length < 256 ? Uint8Array.of(0x43, value.length) : sized(0x42, value.length)
    if (this.#protocol >= 4 && value.length >= FRAME_TARGET) {
      this.#closeFrame()
      this.#file.write(header)
      this.#file.write(value)
    } else {
      this.#put(header)
      this.#put(value)
    }
    this.memoize()
  }

  memoize(): number {
    const index = this.#memo++
    this.#put(
      this.#protocol >= 4
        ? Uint8Array.of(0x94)
        : index < 256
          ? Uint8Array.of(0x71, index)
          : sized(0x72, index),
    )
    return index
  }

  end(): void {
    this.#put(Uint8Array.of(0x2e))
    this.#closeFrame()
  }

  /** Protocol 2 has no bytes: they are `_codecs.encode(text, 'latin1')`. */
  #encoded(value: Uint8Array): void {
    if (this.#encode === undefined) {
      this.#put(Buffer.from('c_codecs\nencode\n'))
      this.#encode = this.memoize()
    } else this.#put(Uint8Array.of(0x68, this.#encode))
    this.#text(Buffer.from(value).toString('latin1'))
    if (this.#latin1 === undefined) this.#latin1 = this.#text('latin1')
    else this.#put(Uint8Array.of(0x68, this.#latin1))
    this.#put(Uint8Array.of(0x86))
    this.memoize()
    this.#put(Uint8Array.of(0x52)) // REDUCE
    this.memoize()
  }

  #text(text: string): number {
    const utf8 = Buffer.from(text)
    this.#put(sized(0x58, utf8.length))
    this.#put(utf8)
    return this.memoize()
  }

  #put(bytes: Uint8Array): void {
    this.#frame.push(bytes)
    this.#frameBytes += bytes.length
  }

  /** Before every value: a frame that is long enough ends. */
  #boundary(): void {
    if (this.#frameBytes >= FRAME_TARGET) this.#closeFrame()
  }

  #closeFrame(): void {
    if (this.#protocol >= 4 && this.#frameBytes >= FRAME_LEAST) {
      const header = Buffer.alloc(9)
      header[0] = 0x95
      header.writeBigUInt64LE(BigInt(this.#frameBytes), 1)
      this.#file.write(header)
    }
    this.#file.write(Buffer.concat(this.#frame))
    this.#frame = []
    this.#frameBytes = 0
  }
}

function sized(opcode: number, length: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes[0] = opcode
  bytes.writeUInt32LE(length, 1)
  return bytes
}
