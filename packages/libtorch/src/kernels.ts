import { builtFile, native } from './native.js'

let loaded = false

/**
 * Loads the operators of our own (`arcface::...`, native/kernels), which are built with the add-on. The
 * first call of one of them does it by itself. @throws TorchError TORCH_LIBRARY
 */
export function loadKernels(): void {
  if (!loaded) native.loadLibrary(builtFile('libarcface_kernels.so'))
  loaded = true
}
