import { FilesError, OutputFile, safetensorsHead } from '@arcface/files'
import { itemSize, type TypedArray } from '../dtype.js'
import { TorchError } from '../errors.js'
import { contiguous, to } from '../generated/ops.js'
import { scope, type Tensor } from '../tensor.js'
import { torchError } from './files.js'

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
  const { head, ordered } = headOf(path, tensors, metadata)
  try {
    using file = new OutputFile(path)
    file.write(head)
    for (const one of ordered) writeTensor(file, one)
    file.commit()
  } catch (cause) {
    throw torchError(cause)
  }
}

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
  const { head, ordered } = headOf(path, tensors, metadata)
  try {
    using file = new OutputFile(path)
    for (const { at, parts } of writeLarge(file, head, ordered)) await file.writeAsync(parts, at)
    await file.commitAsync()
  } catch (cause) {
    throw torchError(cause)
  }
}

/** Bytes that follow each other in a file, from a position on. */
interface Stretch {
  at: number
  parts: Uint8Array[]
}

/** Writes the large tensors at their places; gives copies of what is to be written around them. */
function writeLarge(file: OutputFile, head: Uint8Array, ordered: readonly Tensor[]): Stretch[] {
  let stretch: Stretch = { at: 0, parts: [head] }
  const stretches = [stretch]
  let position = head.length
  for (const one of ordered) {
    const size = one.size * itemSize(one.dtype)
    if (size < LARGE) stretch.parts.push(bytesOf(one.toTypedArray()))
    else {
      writeTensor(file, one, position)
      stretch = { at: position + size, parts: [] }
      stretches.push(stretch)
    }
    position += size
  }
  return stretches
}

function headOf(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string>,
) {
  try {
    return safetensorsHead(tensors, metadata)
  } catch (cause) {
    if (!(cause instanceof FilesError)) throw cause
    throw new TorchError('TORCH_ARGUMENT', `${path}: ${cause.message}`, { cause })
  }
}

/** At a position, or behind what was written last. */
function writeTensor(file: OutputFile, one: Tensor, position?: number): void {
  scope(() => {
    file.write(bytesOf(contiguous(to(one, 'cpu', one.dtype)).asTypedArray()), position)
  })
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
