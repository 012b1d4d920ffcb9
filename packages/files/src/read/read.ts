import { constants } from 'node:buffer'
import { closeSync, fstatSync, readSync } from 'node:fs'
import { FilesError, messageOf } from '../errors.js'
import { openRegular, tooLarge } from './regular.js'

/** An open file: reads at a position, never beyond the end. */
export class InputFile {
  readonly size: number
  readonly #descriptor: number

  /** @throws FilesError FILES_READ */
  constructor(readonly path: string) {
    this.#descriptor = trying(path, () => openRegular(path))
    this.size = fstatSync(this.#descriptor).size
  }

  /** Bytes from `position` on: `length` of them, or as many as the file still has. @throws FilesError FILES_READ */
  read(position: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.size - position))
    if (wanted > constants.MAX_LENGTH)
      throw new FilesError(
        'FILES_READ',
        `${this.path}: ${wanted} bytes in one piece are more than Node ${process.versions.node} holds (${constants.MAX_LENGTH}).`,
      )
    const bytes = Buffer.allocUnsafe(wanted)
    let done = 0
    trying(this.path, () => {
      while (done < wanted) {
        const got = readSync(
          this.#descriptor,
          bytes,
          done,
          Math.min(wanted - done, 1 << 30),
          position + done,
        )
        if (got === 0) break
        done += got
      }
    })
    return bytes.subarray(0, done)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** A whole file, of `most` bytes at most. @throws FilesError FILES_READ */
export function readWhole(path: string, most = Number.POSITIVE_INFINITY): Buffer {
  using file = new InputFile(path)
  if (file.size > most) throw tooLarge(path, file.size, most)
  return file.read(0, file.size)
}

function trying<T>(path: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    if (error instanceof FilesError) throw error
    throw new FilesError('FILES_READ', `${path} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}
