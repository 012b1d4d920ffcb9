import { readSafetensorsHeader as readHeader, type SafetensorsHeader } from '@arcface/files'
import { arrayOver } from '../dtype.js'
import { TorchError } from '../errors.js'
import { type Tensor, tensor } from '../tensor.js'
import { withFile } from './files.js'

/** Names, dtypes and shapes of a file, without its values. @throws TorchError TORCH_SAFETENSORS, TORCH_FILE */
export const readSafetensorsHeader = (path: string): SafetensorsHeader => withFile(path, readHeader)

/**
 * All tensors of a file, on the CPU. @throws TorchError TORCH_SAFETENSORS for a truncated or broken file, TORCH_FILE
 */
export function loadSafetensors(path: string): Map<string, Tensor> {
  return withFile(path, (file) => {
    const loaded = new Map<string, Tensor>()
    for (const [name, { dtype, shape, start, end }] of readHeader(file).tensors) {
      const buffer = allocate(path, name, end - start)
      file.readInto(new Uint8Array(buffer), start)
      loaded.set(name, tensor(arrayOver(dtype, buffer), shape, { dtype, share: true }))
    }
    return loaded
  })
}

function allocate(path: string, name: string, bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes)
  } catch (cause) {
    throw new TorchError(
      'TORCH_SAFETENSORS',
      `${path}: ${name} has ${bytes} bytes, more than the memory of this machine holds`,
      { cause },
    )
  }
}
