import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { unwritable } from '../errors.js'
import { temporaryBeside } from './temporary.js'

export interface OutputOptions {
  /** Also after a failure of the power whoever reads it sees the old file or the new one. */
  readonly flushed?: boolean
  /** Only its owner may read it, whatever the umask: faces and embeddings. */
  readonly isPrivate?: boolean
}

/**
 * A file that is written under a temporary name beside its place and renamed when it is whole: whoever reads
 * `path` sees the old file or the complete new one.
 */
export class OutputFile {
  /** Bytes written so far. */
  position = 0
  readonly #temporary: string
  readonly #flushed: boolean
  #descriptor: number | undefined

  /** @throws FilesError FILES_WRITE */
  constructor(
    readonly path: string,
    { flushed = false, isPrivate = false }: OutputOptions = {},
  ) {
    this.#flushed = flushed
    this.#temporary = temporaryBeside(path)
    this.#descriptor = this.#try(() => openSync(this.#temporary, 'wx', modeOf(isPrivate)))
  }

  /** Text is written as UTF-8. @throws FilesError FILES_WRITE */
  write(data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    this.#try(() => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#descriptor!, bytes, done, Math.min(bytes.length - done, 1 << 30))
    })
    this.position += bytes.length
  }

  /** Puts the file in its place. @throws FilesError FILES_WRITE */
  commit(): void {
    this.#try(() => {
      if (this.#flushed) fsyncSync(this.#descriptor!)
      renameSync(this.#temporary, this.path)
    })
    closeSync(this.#descriptor!)
    this.#descriptor = undefined
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
      throw unwritable(this.path, error)
    }
  }
}

/** Writes a whole file under a temporary name and renames it. @throws FilesError FILES_WRITE */
export function writeWhole(path: string, ...parts: readonly (Uint8Array | string)[]): void {
  using file = new OutputFile(path)
  for (const part of parts) file.write(part)
  file.commit()
}

/**
 * The same, flushed, for what a library writes: `work` is given the temporary name, under which an empty file lies.
 * @throws FilesError FILES_WRITE also for what the file system has against `work`; what `work` throws; then a file that was
 *   there before is still there
 */
export async function writeWholeBy<T>(
  path: string,
  { isPrivate = false }: Pick<OutputOptions, 'isPrivate'>,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = temporaryBeside(path)
  try {
    closeSync(openSync(temporary, 'wx', modeOf(isPrivate)))
    const result = await work(temporary)
    const written = openSync(temporary, 'r+')
    try {
      fsyncSync(written)
    } finally {
      closeSync(written)
    }
    renameSync(temporary, path)
    return result
  } catch (error) {
    rmSync(temporary, { force: true })
    throw isOfFile(error, temporary) ? unwritable(path, error) : error
  }
}

const modeOf = (isPrivate: boolean) => (isPrivate ? 0o600 : 0o666)

/** What the file system threw of it, or of a file that is open (which has no path). */
function isOfFile(error: unknown, temporary: string): boolean {
  const { syscall = '', path } = error as NodeJS.ErrnoException
  return (
    path === temporary || (path === undefined && /^(write|fsync|ftruncate|close)/.test(syscall))
  )
}
