import { existsSync } from 'node:fs'
import { InputFile, readWhole } from '@arcface/files'
import { whatIsIt } from '@arcface/onnx'
import { DataError } from '../errors.js'
import { indexPath } from './find.js'
import {
  broken,
  decodeRecord,
  FRAME,
  type ImageRecord,
  measurePart,
  unpackImage,
} from './record.js'

/** Where a record lies, and by which key the `.idx` knows it. */
export interface RecordEntry {
  key: number
  offset: number
  /** Bytes of the record with frame and padding. */
  length: number
}

const WINDOW = 1 << 20
/** Frame, header and two labels. */
const PEEK = FRAME + 32

/**
 * An MXNet RecordIO file: random access by key with its `.idx`, or in file order without. Reads at positions; nothing
 * is kept in memory but the index (24 bytes a record).
 */
export class RecordFile {
  readonly #file: InputFile
  readonly #keys: Float64Array
  readonly #offsets: Float64Array
  #positions: Map<number, number> | Int32Array | undefined

  /**
   * @param path the `.rec`; the `.idx` beside it is used where it exists, else the file is scanned and keys count from 0
   * @throws FilesError FILES_READ; DataError DATA_RECORDS, DATA_RECORD_INDEX
   */
  constructor(readonly path: string) {
    this.#file = new InputFile(path)
    try {
      const what = whatIsIt(this.#file.read(0, 512))
      if (what !== undefined) throw new DataError('DATA_RECORDS', `${path} is ${what}.`)
      const index = indexPath(path)
      const { keys, offsets } = existsSync(index) ? readIndex(index) : scan(this.#file)
      this.#keys = keys
      this.#offsets = offsets
      if (existsSync(index)) this.#checkIndex(index)
    } catch (error) {
      this.#file.close()
      throw error
    }
  }

  get count(): number {
    return this.#keys.length
  }

  /** The record at a position of the file's order. */
  entry(position: number): RecordEntry {
    const offset = this.#offsets[position]!
    const end = this.#offsets[position + 1] ?? this.#file.size
    return { key: this.#keys[position]!, offset, length: end - offset }
  }

  /** The record of a key, if there is one. */
  find(key: number): RecordEntry | undefined {
    this.#positions ??= positionsOf(this.#keys)
    const position = positionIn(this.#positions, key)
    return position === undefined ? undefined : this.entry(position)
  }

  /** Header and image. @throws FilesError FILES_READ; DataError DATA_RECORDS */
  read(entry: RecordEntry): ImageRecord {
    const name = `${this.path}, record ${entry.key}`
    const bytes = this.#file.read(entry.offset, entry.length)
    return unpackImage(decodeRecord(bytes, name), name)
  }

  /** Labels and size of the image, from the first bytes of the record. @throws as `read` */
  peek(entry: RecordEntry): { flag: number; labels: Float32Array; imageBytes: number } {
    const name = `${this.path}, record ${entry.key}`
    const start = this.#file.read(entry.offset, Math.min(entry.length, PEEK))
    if (start.length < FRAME) throw broken(name, 'it ends within a record')
    const { length, last } = measurePart(start, 0, true, name)
    const payload = start.subarray(FRAME, FRAME + length)
    // A record that was cut in parts, or with many labels, is read whole.
    if (!last || payload.length < 4 || payload.readUInt32LE(0) > 2) {
      const { flag, labels, image } = this.read(entry)
      return { flag, labels, imageBytes: image.length }
    }
    const { flag, labels } = unpackImage(payload, name)
    return { flag, labels, imageBytes: length - 24 - 4 * flag }
  }

  close(): void {
    this.#file.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** An index of another file shows at the first, the last and some of the records between. */
  #checkIndex(index: string): void {
    const wrong = (why: string) =>
      new DataError(
        'DATA_RECORD_INDEX',
        `${index} is not the index of ${this.path}: ${why}. Take the .idx that belongs to the file, or remove it: then the file is scanned.`,
      )
    const { size } = this.#file
    const last = this.#offsets.at(-1) ?? 0
    if (last >= size && this.count > 0) throw wrong(`it names byte ${last} of ${size}`)
    const step = Math.max(1, Math.floor(this.count / 64))
    const positions = new Set([this.count - 1])
    for (let position = 0; position < this.count; position += step) positions.add(position)
    for (const position of positions) {
      if (position < 0) continue
      const { key, offset, length } = this.entry(position)
      const name = `record ${key}`
      let reached = 0
      try {
        for (let ended = false; !ended; ) {
          const frame = this.#file.read(offset + reached, FRAME)
          if (frame.length < FRAME) throw broken(name, 'the file ends')
          const { size: part, last: end } = measurePart(frame, 0, reached === 0, name)
          reached += part
          ended = end
        }
      } catch (error) {
        if (error instanceof DataError && error.code === 'DATA_RECORDS')
          throw wrong(`at byte ${offset} there is no record ${key}`)
        throw error
      }
      if (offset + reached > size)
        throw broken(this.path, `record ${key} ends beyond the file (truncated)`)
      if (reached !== length) throw wrong(`record ${key} has ${reached} bytes, not ${length}`)
    }
  }
}

/** Where each key is: an array where the keys are dense, as they are in practice. */
function positionsOf(keys: Float64Array): Int32Array | Map<number, number> {
  const largest = keys.reduce((max, key) => Math.max(max, key), 0)
  if (largest > 2 * keys.length) return new Map(Array.from(keys, (key, i) => [key, i]))
  const positions = new Int32Array(largest + 1).fill(-1)
  keys.forEach((key, i) => {
    positions[key] = i
  })
  return positions
}

function positionIn(positions: Int32Array | Map<number, number>, key: number) {
  const position = positions instanceof Map ? positions.get(key) : positions[key]
  return position === -1 ? undefined : position
}

/** Lines of `key<TAB>offset`, brought into the file's order. */
function readIndex(path: string): { keys: Float64Array; offsets: Float64Array } {
  const bytes = readWhole(path)
  let lines = 0
  for (const byte of bytes) if (byte === 10) lines++
  const keys = new Float64Array(lines + 1)
  const offsets = new Float64Array(lines + 1)
  let count = 0
  let sorted = true
  let line = 0
  for (let start = 0; start < bytes.length; line++) {
    let end = bytes.indexOf(10, start)
    if (end < 0) end = bytes.length
    const text = bytes.toString('latin1', start, Math.min(end, start + 64)).trim()
    start = end + 1
    if (text === '') continue
    const match = /^(\d{1,15})\s+(\d{1,15})$/.exec(text)
    if (match === null)
      throw new DataError(
        'DATA_RECORD_INDEX',
        `${path}, line ${line + 1}: expected "key<TAB>offset", but found "${text}".`,
      )
    keys[count] = Number(match[1])
    offsets[count] = Number(match[2])
    if (count > 0 && offsets[count]! <= offsets[count - 1]!) sorted = false
    count++
  }
  const found = { keys: keys.subarray(0, count), offsets: offsets.subarray(0, count) }
  return sorted ? found : sort(path, found.keys, found.offsets)
}

function sort(path: string, keys: Float64Array, offsets: Float64Array) {
  const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => offsets[a]! - offsets[b]!)
  const sorted = {
    keys: Float64Array.from(order, (i) => keys[i]!),
    offsets: Float64Array.from(order, (i) => offsets[i]!),
  }
  const twice = sorted.offsets.findIndex((offset, i) => offset === sorted.offsets[i + 1])
  if (twice >= 0)
    throw new DataError(
      'DATA_RECORD_INDEX',
      `${path}: keys ${sorted.keys[twice]} and ${sorted.keys[twice + 1]} have the same offset. Remove the .idx: then the file is scanned.`,
    )
  return sorted
}

/** Finds the records of a file without an index. */
function scan(file: InputFile): { keys: Float64Array; offsets: Float64Array } {
  const offsets: number[] = []
  let window: Buffer = Buffer.alloc(0)
  let windowStart = 0
  let first = true
  for (let position = 0; position < file.size; ) {
    if (position < windowStart || position + FRAME > windowStart + window.length) {
      window = file.read(position, WINDOW)
      windowStart = position
      if (window.length < FRAME) throw broken(file.path, `it ends within a record (truncated)`)
    }
    const name = `${file.path}, byte ${windowStart}`
    const { size, last } = measurePart(window, position - windowStart, first, name)
    if (first) offsets.push(position)
    first = last
    position += size
    if (position > file.size)
      throw broken(file.path, `record ${offsets.length - 1} ends beyond the file (truncated)`)
  }
  if (!first) throw broken(file.path, 'its last record has no end (truncated)')
  return { keys: Float64Array.from(offsets, (_, i) => i), offsets: Float64Array.from(offsets) }
}
