import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { itemSize, type TypedArray } from '../dtype.js'
import { TorchError } from '../errors.js'
import { contiguous, to } from '../generated/ops.js'
import { scope, type Tensor } from '../tensor.js'
import { layOut } from './layout.js'

/**
 * Writes named tensors to a temporary file beside `path`, flushes it and renames it: whoever reads `path`
 * sees the old file or the whole new one. The bytes are those of Hugging Face's safetensors.
 * @throws TorchError TORCH_DISK_FULL or TORCH_FILE, TORCH_ARGUMENT for what the format cannot hold; the old
 * file stays
 */
export function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): void {
  const { head, ordered } = layOut(path, tensors, metadata)
  const temporary = temporaryBeside(path)
  let file: number | undefined
  try {
    file = openSync(temporary, 'w')
    writeAll(file, head)
    for (const one of ordered) writeTensor(file, one)
    fsyncSync(file)
    closeSync(file)
    file = undefined
    renameSync(temporary, path)
  } catch (cause) {
    if (file !== undefined) closeSync(file)
    rmSync(temporary, { force: true })
    throw writeError(path, cause)
  }
}

/** Not named after `path`, whose name may be as long as a name can be. */
const temporaryBeside = (path: string) =>
  join(dirname(path), `.${process.pid}.${randomBytes(8).toString('hex')}.tmp`)

/** Bytes from which on a tensor is not copied: what that costs is what writing it into the system's cache does. */
const LARGE = 2 ** 26

/**
 * As `saveSafetensors`, beside the work of the caller's thread. The values are copied, those of large tensors written,
 * before this returns: the tensors may then change.
 */
export async function saveSafetensorsAsync(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const { head, ordered } = layOut(path, tensors, metadata)
  const temporary = temporaryBeside(path)
  try {
    const stretches = writeLarge(temporary, head, ordered)
    await writeFlushed(temporary, stretches)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw writeError(path, cause)
  }
}

/** Bytes that follow each other in a file, from a position on. */
interface Stretch {
  at: number
  parts: Uint8Array[]
}

/** Makes the file with the large tensors at their places; gives copies of what is to be written around them. */
function writeLarge(path: string, head: Uint8Array, ordered: readonly Tensor[]): Stretch[] {
  const file = openSync(path, 'w')
  try {
    let stretch: Stretch = { at: 0, parts: [head] }
    const stretches = [stretch]
    let position = head.length
    for (const one of ordered) {
      const size = one.size * itemSize[one.dtype]
      if (size < LARGE) stretch.parts.push(bytesOf(one.toTypedArray()))
      else {
        writeTensor(file, one, position)
        stretch = { at: position + size, parts: [] }
        stretches.push(stretch)
      }
      position += size
    }
    return stretches
  } finally {
    closeSync(file)
  }
}

async function writeFlushed(path: string, stretches: readonly Stretch[]): Promise<void> {
  const file = await open(path, 'r+')
  try {
    for (const stretch of stretches) await writeStretch(file, stretch)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** In few calls: each waits for the caller's event loop, which a training step holds up. */
async function writeStretch(file: FileHandle, { at, parts }: Stretch): Promise<void> {
  let position = at
  let rest = parts.filter(({ length }) => length > 0)
  while (rest.length > 0) {
    let { bytesWritten: done } = await file.writev(rest, position)
    position += done
    const next = rest.findIndex(({ length }) => {
      if (done < length) return true
      done -= length
      return false
    })
    rest = next < 0 ? [] : [rest[next]!.subarray(done), ...rest.slice(next + 1)]
  }
}

function writeError(path: string, cause: unknown): TorchError {
  if (cause instanceof TorchError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new TorchError(
      'TORCH_DISK_FULL',
      `${path}: the disk is full; free some space and save again. What was there before is untouched.`,
      { cause },
    )
  return new TorchError('TORCH_FILE', `${path}: cannot be written (${message})`, { cause })
}

/** At a position, or where the last write ended. */
function writeTensor(file: number, one: Tensor, position: number | null = null): void {
  scope(() => {
    writeAll(file, bytesOf(contiguous(to(one, 'cpu', one.dtype)).asTypedArray()), position)
  })
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function writeAll(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    const at = position === null ? null : position + done
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30), at)
  }
}
