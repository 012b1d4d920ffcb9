import { fileURLToPath } from 'node:url'
import { native } from './native.js'

const path = fileURLToPath(new URL('../build/libarcface_kernels.so', import.meta.url))
let loaded = false

/**
 * Loads the operators of our own (`arcface::...`, native/kernels), which are built with the add-on. The
 * first call of one of them does it by itself. @throws TorchError TORCH_LIBRARY
 */
export function loadKernels(): void {
  if (!loaded) native.loadLibrary(path)
  loaded = true
}
