/** Reads little-endian numbers and runs of bytes, and never beyond the end. Nothing is copied. */
export class Cursor {
  position = 0
  readonly #fail: (why: string) => Error

  /** @param fail makes the error for bytes that are not there */
  constructor(
    readonly bytes: Buffer,
    fail: (why: string) => Error,
  ) {
    this.#fail = fail
  }

  get left(): number {
    return this.bytes.length - this.position
  }

  /** The next `length` bytes, as a view. */
  take(length: number): Buffer {
    const start = this.#step(length)
    return this.bytes.subarray(start, start + length)
  }

  u8(): number {
    return this.bytes[this.#step(1)]!
  }

  u16(): number {
    return this.bytes.readUInt16LE(this.#step(2))
  }

  u32(): number {
    return this.bytes.readUInt32LE(this.#step(4))
  }

  i32(): number {
    return this.bytes.readInt32LE(this.#step(4))
  }

  /** Exact up to 2^53 and too large for any file beyond. */
  u64(): number {
    return Number(this.bytes.readBigUInt64LE(this.#step(8)))
  }

  i64(): number {
    return Number(this.bytes.readBigInt64LE(this.#step(8)))
  }

  #step(length: number): number {
    const start = this.position
    if (!(length >= 0 && length <= this.bytes.length - start))
      throw this.#fail(
        `${length} bytes are announced at byte ${start}, but only ${this.bytes.length - start} follow`,
      )
    this.position = start + length
    return start
  }
}
