import { resolve } from 'node:path'
import { TorchError } from './errors.js'
import { native } from './native.js'

/** Version of the libtorch that the add-on was built against. */
export const torchVersion: string = native.version

/** Threads inside one operator. Debian's libtorch starts with one. */
export const getNumThreads = (): number => native.numThreads()
/** @throws TorchError TORCH_ARGUMENT unless it is a whole number from 1 to 1024 */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 1024)
    throw new TorchError('TORCH_ARGUMENT', `threads: a whole number from 1 to 1024, got ${count}`)
  native.setNumThreads(count)
}

export const hasCuda = (): boolean => native.hasCuda()

/**
 * Loads a shared library that registers operators with the dispatcher (`TORCH_LIBRARY`); they are then
 * reached by `op`. @throws TorchError TORCH_LIBRARY with the loader's words
 */
export const loadOperatorLibrary = (path: string): void => native.loadLibrary(resolve(path))

/**
 * Keeps freed memory in the process instead of giving it back to the kernel, whose page faults cost a
 * training step up to half its time. For processes that train; cannot be undone.
 */
export const keepMemory = (): void => native.keepMemory()

/**
 * Where tensors are made that are asked for without a device, by `tensor` too unless it shares the array's memory; as
 * PyTorch's `set_default_device`. First the CPU. @throws TorchError TORCH_ARGUMENT for no device's name
 */
export const setDefaultDevice = (device: string): void => native.setDefaultDevice(device)
