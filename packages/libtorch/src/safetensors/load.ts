import { arrayOver } from '../dtype.js'
import { TorchError } from '../errors.js'
import { type Tensor, tensor } from '../tensor.js'
import { readAll, withFile } from './file.js'
import { readHeader } from './header.js'

/**
 * All tensors of a file, on the CPU. @throws TorchError TORCH_SAFETENSORS for a truncated or broken file
 */
export function loadSafetensors(path: string): Map<string, Tensor> {
  return withFile(path, (file, size) => {
    const { tensors } = readHeader(path, file, size)
    const loaded = new Map<string, Tensor>()
    for (const [name, { dtype, shape, start, end }] of tensors) {
      const buffer = allocate(path, name, end - start)
      readAll(path, file, new Uint8Array(buffer), start)
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
