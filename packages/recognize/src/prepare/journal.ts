import { closeSync, existsSync, fsyncSync, openSync, truncateSync, writeSync } from 'node:fs'
import { readText } from '@arcface/data'
import { RecognizeError } from '../errors.js'

/** What became of one photograph. */
export interface Entry {
  /** Below the source folder. */
  photo: string
  /** Below the target folder; none if the photograph was skipped. */
  faces: string[]
  /** Why nothing was taken. */
  skipped?: string
}

/**
 * A file with a line for everything that was finished, so that an interrupted work goes on where it stopped. The first
 * line says how the work is done; another way of doing it is refused.
 */
export class Journal {
  /** What was finished before, by photograph. */
  readonly done = new Map<string, Entry>()
  readonly #descriptor: number

  /** @throws RecognizeError RECOGNIZE_USE if it was begun in another way */
  constructor(
    readonly path: string,
    way: string,
  ) {
    const text = existsSync(path) ? readText(path) : ''
    // A killed process may leave half a line.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    const [first, ...lines] = whole.split('\n').filter((line) => line !== '')
    if (first !== undefined && first !== way)
      throw new RecognizeError(
        'RECOGNIZE_USE',
        `${path} was begun in another way (${first}). Choose another folder, or remove the file and the folder.`,
      )
    for (const line of lines) {
      const entry = JSON.parse(line) as Entry
      this.done.set(entry.photo, entry)
    }
    if (existsSync(path)) truncateSync(path, Buffer.byteLength(whole))
    this.#descriptor = openSync(path, 'a')
    if (first === undefined) this.#write(way)
  }

  add(entry: Entry): void {
    this.done.set(entry.photo, entry)
    this.#write(JSON.stringify(entry))
  }

  #write(line: string): void {
    writeSync(this.#descriptor, `${line}\n`)
  }

  close(): void {
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
  }
}
