import { closeSync, existsSync, fsyncSync, openSync, truncateSync, writeFileSync } from 'node:fs'
import { InputFile, unwritable } from '@arcface/files'
import { z } from 'zod'
import { RecognizeError } from '../errors.js'

/** What became of one photograph. */
const entrySchema = z.object({
  /** Below the source folder. */
  photo: z.string(),
  /** Below the target folder; none if the photograph was skipped. */
  faces: z.array(z.string()),
  /** Why nothing was taken. */
  skipped: z.string().exactOptional(),
})
export type Entry = z.output<typeof entrySchema>

/**
 * A file with a line for everything that was finished, so that an interrupted work goes on where it stopped. The first
 * line says how the work is done; another way of doing it is refused.
 */
export class Journal {
  /** What was finished before, by photograph. */
  readonly done = new Map<string, Entry>()
  /** Numbers of the lines that say nothing: a failure of the power, or a disk. Their photographs are done again. */
  readonly damaged: readonly number[]
  readonly #descriptor: number

  /** @throws RecognizeError RECOGNIZE_USE if it was begun in another way; FilesError FILES_WRITE */
  constructor(
    readonly path: string,
    way: string,
  ) {
    const bytes = existsSync(path) ? wholeFile(path) : Buffer.alloc(0)
    // A killed process may leave half a line.
    const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1)
    const [first, ...lines] = whole.toString().split('\n').slice(0, -1)
    if (first !== undefined && first !== way)
      throw new RecognizeError(
        'RECOGNIZE_USE',
        `${path} was begun in another way (${first}). Choose another folder, or remove the file and the folder.`,
      )
    this.damaged = lines.flatMap((line, i) => {
      if (line === '') return []
      const entry = parseEntry(line)
      if (entry) this.done.set(entry.photo, entry)
      return entry ? [] : [i + 2]
    })
    this.#descriptor = this.#try(() => {
      if (existsSync(path)) truncateSync(path, whole.length)
      return openSync(path, 'a')
    })
    if (first === undefined) this.#write(way)
  }

  /** @throws FilesError FILES_WRITE */
  add(entry: Entry): void {
    this.done.set(entry.photo, entry)
    this.#write(JSON.stringify(entry))
  }

  #write(line: string): void {
    // Unlike writeSync this goes on after a part.
    this.#try(() => writeFileSync(this.#descriptor, `${line}\n`))
  }

  close(): void {
    fsyncSync(this.#descriptor)
    closeSync(this.#descriptor)
  }

  #try<T>(body: () => T): T {
    try {
      return body()
    } catch (error) {
      throw unwritable(this.path, error)
    }
  }
}

function wholeFile(path: string): Buffer {
  using file = new InputFile(path)
  return file.read(0, file.size)
}

function parseEntry(line: string): Entry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
