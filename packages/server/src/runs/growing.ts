import type { FileHandle } from 'node:fs/promises'
import { openRegularAsync } from '@arcface/files'

/** Read at once: a slice of work is short, so that requests come between. */
const SLICE = 1 << 18
/** Longer lines are none of a run's. */
const LONGEST = 1 << 20
/** Bytes before the place where reading goes on, by which a file is known again. */
const MARK = 64

/** What became of a file since it was read the last time. */
export type Change = 'grown' | 'same' | 'reset' | 'gone'

/**
 * Lines of a file that grows: each is read once. One that was truncated or replaced, as a run that is gone on with does to
 * what was measured behind its checkpoint, is told and read anew.
 */
export class GrowingLines {
  /** Behind the last whole line that was read. */
  offset = 0
  /** Of the file, when it was looked at the last time. */
  bytes = 0
  /** Which file it is. */
  file = ''
  /** Bytes of a line that is too long: it is passed over. */
  #isPassing = false
  #mark: Buffer = Buffer.alloc(0)

  constructor(readonly path: string) {}

  /** Goes on behind what another reader has read. @returns false where the file is another one, or shorter */
  async skipTo(offset: number, file?: string): Promise<boolean> {
    return this.#with(async (handle, size, name) => {
      if ((file !== undefined && file !== name) || offset > size) return false
      await this.#place(handle, offset)
      return true
    }, false)
  }

  /** Goes on where the file ends now. */
  async skipToEnd(): Promise<void> {
    await this.#with((handle, size) => this.#place(handle, size), undefined)
  }

  /**
   * Reads whole lines that are new, slice by slice.
   * @param onLine is called with each, and with the byte at which it begins; undefined for one that is too long
   * @param most bytes to read; by default all
   */
  async read(
    onLine: (line: string | undefined, start: number) => void,
    most = Number.POSITIVE_INFINITY,
  ): Promise<Change> {
    const change = await this.#with<Change>(async (handle, size, name) => {
      if (this.file !== '' && (name !== this.file || !(await this.#isSame(handle, size)))) {
        await this.#place(handle, 0)
        return 'reset'
      }
      if (size <= this.offset) return 'same'
      const end = Math.min(size, this.offset + most)
      const before = this.offset
      while (this.offset < end) {
        const length = Math.min(size - this.offset, SLICE)
        if (!(await this.#slice(handle, length, size, onLine))) break
      }
      return this.offset > before ? 'grown' : 'same'
    }, 'gone')
    if (change === 'gone') [this.offset, this.bytes, this.file] = [0, 0, '']
    return change
  }

  /** @returns whether something was taken */
  async #slice(
    handle: FileHandle,
    length: number,
    size: number,
    onLine: (line: string | undefined, start: number) => void,
  ): Promise<boolean> {
    let bytes = await bytesAt(handle, this.offset, length)
    let last = bytes.lastIndexOf(10)
    // A line longer than a slice.
    if (last < 0 && !this.#isPassing && bytes.length === length && this.offset + length < size) {
      bytes = await bytesAt(handle, this.offset, LONGEST + 1)
      last = bytes.lastIndexOf(10)
      if (last < 0 && bytes.length > LONGEST) this.#isPassing = true
    }
    if (last < 0) {
      if (!this.#isPassing) return false
      this.#advance(bytes, bytes.length)
      return bytes.length > 0
    }
    for (let start = 0; start <= last; ) {
      const end = bytes.indexOf(10, start)
      const isWhole = !this.#isPassing && end - start <= LONGEST
      this.#isPassing = false
      const text = isWhole ? bytes.toString('utf8', start, end).trim() : undefined
      if (text !== '') onLine(text, this.offset + start)
      start = end + 1
    }
    this.#advance(bytes, last + 1)
    return true
  }

  #advance(bytes: Buffer, count: number): void {
    this.#mark = Buffer.concat([this.#mark, bytes.subarray(Math.max(0, count - MARK), count)])
    this.#mark = this.#mark.subarray(Math.max(0, this.#mark.length - MARK))
    this.offset += count
  }

  async #place(handle: FileHandle, offset: number): Promise<void> {
    const length = Math.min(MARK, offset)
    this.#mark = await bytesAt(handle, offset - length, length)
    this.offset = offset
    // From the middle of a line on it is none.
    this.#isPassing = length > 0 && this.#mark.at(-1) !== 10
    this.file = await nameOf(handle)
  }

  async #isSame(handle: FileHandle, size: number): Promise<boolean> {
    if (size < this.offset) return false
    const found = await bytesAt(handle, this.offset - this.#mark.length, this.#mark.length)
    return found.equals(this.#mark)
  }

  async #with<T>(
    work: (handle: FileHandle, size: number, name: string) => Promise<T>,
    gone: T,
  ): Promise<T> {
    const handle = await openRegularAsync(this.path).catch(() => undefined)
    if (handle === undefined) return gone
    try {
      const stat = await handle.stat()
      this.bytes = stat.size
      const name = await nameOf(handle)
      const result = await work(handle, stat.size, name)
      this.file = name
      return result
    } finally {
      await handle.close()
    }
  }
}

/** A rename puts another one in its place. */
async function nameOf(handle: FileHandle): Promise<string> {
  const { dev, ino } = await handle.stat({ bigint: true })
  return `${dev.toString(36)}-${ino.toString(36)}`
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}
