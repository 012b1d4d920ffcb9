import { native } from './native.js'

/** Version of the libtorch that the add-on was built against. */
export const torchVersion: string = native.version

/** Threads inside one operator. Debian's libtorch starts with one. */
export const getNumThreads = (): number => native.numThreads()
export const setNumThreads = (count: number): void => native.setNumThreads(count)

export const hasCuda = (): boolean => native.hasCuda()

/**
 * Loads a shared library that registers operators with the dispatcher (`TORCH_LIBRARY`); they are then
 * reached by `op`. @throws TorchError TORCH_LIBRARY with the loader's words
 */
export const loadOperatorLibrary = (path: string): void => native.loadLibrary(path)

/**
 * Keeps freed memory in the process instead of giving it back to the kernel, whose page faults cost a
 * training step up to half its time. For processes that train; cannot be undone.
 */
export const keepMemory = (): void => native.keepMemory()
