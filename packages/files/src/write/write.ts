import {
  closeSync,
  fsync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  writev,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { unwritable } from '../errors.js'
import { kindOf, streamRegular } from '../read/regular.js'
import { syncFolder, syncFolderAsync } from './folder.js'
import { temporaryBeside } from './temporary.js'

const fsyncAsync = promisify(fsync)
const writevAsync = promisify(writev)

export interface OutputOptions {
  /**
   * Also after a failure of the power whoever reads it sees the old file or the new one. False for files by the thousand
   * that a command makes again: waiting for the disk would take longer than making them. Default true.
   */
  readonly flushed?: boolean
  /** Only its owner may read it, whatever the umask: faces and embeddings. Default false. */
  readonly isPrivate?: boolean
}

/**
 * A file that is written under a temporary name beside its place and renamed when it is whole: whoever reads
 * `path` sees the old file or the complete new one. What is not committed is gone when it is disposed of.
 */
export class OutputFile implements Disposable {
  /** Bytes from its beginning to the last one written. */
  position = 0
  readonly #temporary: string
  readonly #flushed: boolean
  /** None when it was closed. */
  #descriptor: number | undefined
  #committed = false

  /** @throws FilesError FILES_WRITE, FILES_DISK_FULL */
  constructor(
    readonly path: string,
    { flushed = true, isPrivate = false }: OutputOptions = {},
  ) {
    this.#flushed = flushed
    this.#temporary = temporaryBeside(path)
    this.#descriptor = this.#try(() => {
      refuseOther(path)
      return openSync(this.#temporary, 'wx', isPrivate ? 0o600 : 0o666)
    })
  }

  /**
   * Text is written as UTF-8.
   * @param at the first byte; by default behind the last one written
   * @throws FilesError FILES_WRITE, FILES_DISK_FULL
   */
  write(data: Uint8Array | string, at = this.position): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    this.#try(() => {
      for (let done = 0; done < bytes.length; ) {
        const length = Math.min(bytes.length - done, 1 << 30)
        done += writeSync(this.#descriptor!, bytes, done, length, at + done)
      }
    })
    this.#reached(at + bytes.length)
  }

  /**
   * As `write`, beside the work of this thread, which must not change the bytes meanwhile; in few calls, for each waits
   * for its event loop. One at a time.
   */
  async writeAsync(parts: readonly Uint8Array[], at = this.position): Promise<void> {
    let position = at
    let rest = parts.filter(({ length }) => length > 0)
    while (rest.length > 0) {
      let { bytesWritten: done } = await this.#tryAsync(() =>
        writevAsync(this.#descriptor!, rest, position),
      )
      position += done
      const next = rest.findIndex(({ length }) => {
        if (done < length) return true
        done -= length
        return false
      })
      rest = next < 0 ? [] : [rest[next]!.subarray(done), ...rest.slice(next + 1)]
    }
    this.#reached(position)
  }

  /** Puts the file in its place. @throws FilesError FILES_WRITE, FILES_DISK_FULL */
  commit(): void {
    this.#try(() => {
      if (this.#flushed) fsyncSync(this.#descriptor!)
      this.#place()
      if (this.#flushed) syncFolder(dirname(this.path))
    })
  }

  /** As `commit`; the thread does not wait for the disk. */
  async commitAsync(): Promise<void> {
    await this.#tryAsync(async () => {
      if (this.#flushed) await fsyncAsync(this.#descriptor!)
      this.#place()
      if (this.#flushed) await syncFolderAsync(dirname(this.path))
    })
  }

  [Symbol.dispose](): void {
    if (this.#committed) return
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    rmSync(this.#temporary, { force: true })
  }

  #reached(end: number): void {
    this.position = Math.max(this.position, end)
  }

  #place(): void {
    const descriptor = this.#descriptor!
    this.#descriptor = undefined
    closeSync(descriptor) // where a file system of the network may tell that the disk is full
    renameSync(this.#temporary, this.path)
    this.#committed = true
  }

  #try<T>(body: () => T): T {
    try {
      return body()
    } catch (error) {
      throw unwritable(this.path, error)
    }
  }

  async #tryAsync<T>(body: () => Promise<T>): Promise<T> {
    try {
      return await body()
    } catch (error) {
      throw unwritable(this.path, error)
    }
  }
}

/** Writes a whole file under a temporary name and renames it. @throws FilesError FILES_WRITE, FILES_DISK_FULL */
export function writeWhole(
  path: string,
  data: Uint8Array | string,
  options: OutputOptions = {},
): void {
  using file = new OutputFile(path, options)
  file.write(data)
  file.commit()
}

/** Writes the whole of another file. @throws as `streamRegular`; FilesError FILES_WRITE, FILES_DISK_FULL */
export async function copyWhole(
  from: string,
  path: string,
  options: OutputOptions = {},
): Promise<void> {
  using file = new OutputFile(path, options)
  for await (const chunk of streamRegular(from)) await file.writeAsync([chunk])
  await file.commitAsync()
}

/** The rename would put a file in the place of /dev/null. */
function refuseOther(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat && !stat.isFile() && !stat.isDirectory()) throw new Error(`it is ${kindOf(stat)}`)
}
