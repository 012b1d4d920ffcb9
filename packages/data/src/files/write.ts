import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { DataError, messageOf } from '../errors.js'

/**
 * A file that is written under a temporary name beside its place and renamed when it is whole: whoever reads
 * `path` sees the old file or the complete new one.
 */
export class OutputFile {
  /** Bytes written so far. */
  position = 0
  readonly #temporary: string
  #descriptor: number | undefined

  /** @throws DataError DATA_WRITE */
  constructor(readonly path: string) {
    this.#temporary = `${path}.${process.pid}.tmp`
    this.#descriptor = this.#try(() => openSync(this.#temporary, 'w'))
  }

  /** Text is written as UTF-8. @throws DataError DATA_WRITE */
  write(data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    this.#try(() => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor!, bytes, done, Math.min(bytes.length - done, 1 << 30))
    })
    this.position += bytes.length
  }

  /** Puts the file in its place. @throws DataError DATA_WRITE */
  commit(): void {
    this.#try(() => {
      closeSync(this.#descriptor!)
      this.#descriptor = undefined
      renameSync(this.#temporary, this.path)
    })
  }

  /** Removes what was written, unless it was committed. */
  [Symbol.dispose](): void {
    if (this.#descriptor === undefined) return
    closeSync(this.#descriptor)
    this.#descriptor = undefined
    rmSync(this.#temporary, { force: true })
  }

  #try<T>(body: () => T): T {
    try {
      return body()
    } catch (error) {
      throw new DataError(
        'DATA_WRITE',
        `${this.path} cannot be written: ${messageOf(error)}.`,
        error,
      )
    }
  }
}

/** Writes a whole file under a temporary name and renames it. @throws DataError DATA_WRITE */
export function writeWhole(path: string, ...parts: readonly (Uint8Array | string)[]): void {
  using file = new OutputFile(path)
  for (const part of parts) file.write(part)
  file.commit()
}
