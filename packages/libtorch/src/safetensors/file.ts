import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { TorchError } from '../errors.js'

/** Opens a file for `body`, and closes it. @throws TORCH_FILE */
export function withFile<T>(path: string, body: (file: number, size: number) => T): T {
  let file: number | undefined
  try {
    // Opening a named pipe would wait for somebody who writes into it.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error('it is not a file')
    return body(file, stat.size)
  } catch (cause) {
    if (cause instanceof TorchError) throw cause
    throw new TorchError('TORCH_FILE', `${path}: cannot be read (${(cause as Error).message})`, {
      cause,
    })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** The error for a file that is not whole. */
export function broken(path: string, why: string): TorchError {
  return new TorchError(
    'TORCH_SAFETENSORS',
    `${path}: no whole safetensors file (${why}). Take an earlier checkpoint or copy the file again.`,
  )
}

/** Fills an array from a position on. @throws TORCH_SAFETENSORS if the file ends before */
export function readAll(path: string, file: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length; ) {
    const got = readSync(file, into, done, Math.min(into.length - done, 1 << 30), position + done)
    if (got === 0) throw broken(path, 'it ends early')
    done += got
  }
}
