import { crc32 } from 'node:zlib'
import { Cursor } from '../files/cursor.js'
import type { InputFile } from '../files/read.js'
import { weightsError } from './tensor.js'

// PKWARE's APPNOTE 6.3: only what torch.save writes, entries that are stored as they are, with 64-bit fields. The zip
// libraries of npm inflate, which is what a bomb needs, and yauzl 3.4 ends the process at an offset beyond 2^53.

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
/** The end record, and the longest comment behind it. */
const TAIL = 22 + 0xffff

interface Entry {
  offset: number
  length: number
  checksum: number
}

/** A zip archive without compression. */
export class StoredArchive {
  readonly #file: InputFile
  readonly #entries = new Map<string, Entry>()

  /** @throws DataError DATA_WEIGHTS */
  constructor(file: InputFile) {
    this.#file = file
    const directory = this.#cursor(...this.#findDirectory())
    let total = 0
    while (directory.left > 0) {
      const { name, ...entry } = this.#readEntry(directory)
      // Entries that share bytes would multiply the file's size in memory.
      total += entry.length
      if (total > file.size) throw this.#broken('its entries are longer than the file')
      this.#entries.set(name, entry)
    }
  }

  get names(): IterableIterator<string> {
    return this.#entries.keys()
  }

  has(name: string): boolean {
    return this.#entries.has(name)
  }

  /** @throws DataError DATA_WEIGHTS where there is no such entry, or it is damaged */
  read(name: string): Buffer {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw this.#broken(`the archive has no ${name}`)
    const local = this.#cursor(entry.offset, 30)
    if (local.u32() !== LOCAL) throw this.#broken(`${name} is not where the directory says`)
    local.take(22)
    const start = entry.offset + 30 + local.u16() + local.u16()
    const bytes = this.#cursor(start, entry.length).bytes
    if (crc32(bytes) !== entry.checksum)
      throw this.#broken(`${name} is damaged: its checksum does not fit`)
    return bytes
  }

  /** First byte and length of the directory. */
  #findDirectory(): [number, number] {
    const { size } = this.#file
    const start = Math.max(0, size - TAIL)
    const tail = this.#cursor(start, size - start)
    let at = tail.bytes.length - 22
    while (at >= 0 && tail.bytes.readUInt32LE(at) !== END) at--
    if (at < 0) throw this.#broken('the archive has no end (truncated)')
    if (at >= 20 && tail.bytes.readUInt32LE(at - 20) === LOCATOR_64) {
      tail.position = at - 12
      const end = this.#cursor(tail.u64(), 56)
      if (end.u32() !== END_64) throw this.#broken('the end of the archive is damaged')
      end.take(36)
      const length = end.u64()
      return [end.u64(), length]
    }
    tail.position = at + 12
    const length = tail.u32()
    return [tail.u32(), length]
  }

  #readEntry(directory: Cursor): Entry & { name: string } {
    if (directory.u32() !== CENTRAL) throw this.#broken('the directory of the archive is damaged')
    directory.take(4)
    const encrypted = (directory.u16() & 1) === 1
    const method = directory.u16()
    directory.take(4)
    const checksum = directory.u32()
    let [stored, length] = [directory.u32(), directory.u32()]
    const [nameLength, extraLength, commentLength] = [
      directory.u16(),
      directory.u16(),
      directory.u16(),
    ]
    directory.take(8)
    let offset = directory.u32()
    const name = directory.take(nameLength).toString('utf8')
    const extra = new Cursor(directory.take(extraLength), this.#broken)
    directory.take(commentLength)
    while (extra.left >= 4) {
      const [id, bytes] = [extra.u16(), extra.take(extra.u16())]
      if (id !== 1) continue
      const wide = new Cursor(bytes, this.#broken)
      if (length === 0xffffffff) length = wide.u64()
      if (stored === 0xffffffff) stored = wide.u64()
      if (offset === 0xffffffff) offset = wide.u64()
    }
    if (method !== 0 || encrypted || stored !== length)
      throw this.#broken(`${name} is compressed, which torch.save never does`)
    return { name, offset, length, checksum }
  }

  #cursor(position: number, length: number): Cursor {
    const { size } = this.#file
    if (position + length > size)
      throw this.#broken(`${length} bytes are announced at byte ${position} of ${size}`)
    return new Cursor(this.#file.read(position, length), this.#broken)
  }

  readonly #broken = (why: string) => weightsError(this.#file.path, why)
}
