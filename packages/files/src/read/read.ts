import { constants } from 'node:buffer'
import { closeSync, fstatSync, readSync } from 'node:fs'
import { FilesError, unreadable } from '../errors.js'
import { openRegular, tooLarge } from './regular.js'

/** An open file: reads at a position, never beyond the end. */
export class InputFile {
  readonly size: number
  readonly #descriptor: number

  /** @throws FilesError FILES_READ */
  constructor(readonly path: string) {
    this.#descriptor = openRegular(path)
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
    return bytes.subarray(0, this.#fill(bytes, position))
  }

  /** Fills an array with the bytes from `position` on. @throws FilesError FILES_READ, also where the file has fewer */
  readInto(bytes: Uint8Array, position: number): void {
    const done = this.#fill(bytes, position)
    if (done < bytes.length)
      throw new FilesError(
        'FILES_READ',
        `${this.path}: ${bytes.length} bytes were to follow byte ${position}, and ${done} do.`,
      )
  }

  #fill(bytes: Uint8Array, position: number): number {
    let done = 0
    trying(this.path, () => {
      while (done < bytes.length) {
        const length = Math.min(bytes.length - done, 1 << 30)
        const got = readSync(this.#descriptor, bytes, done, length, position + done)
        if (got === 0) break
        done += got
      }
    })
    return done
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
    throw unreadable(path, error)
  }
}
