/**
 * Node over libtorch: tensors, autograd, nn, optim, c10d. Knows nothing of faces.
 *
 * In: typed arrays, shapes (row-major), dtype names. Out: tensors and typed arrays. A `Tensor` owns a
 * reference to libtorch's memory: freed by the `scope` it was made in, by `using`/`dispose()`, at the latest
 * by the garbage collector. `keep()` takes it out of its scopes. Everything is synchronous and belongs to the
 * thread that loaded the add-on. Errors are `TorchError` with a `code`.
 */
export { autocast, backward, grad, noGrad } from './autograd.js'
export { canRecordGraphs, type Graph, recordGraph, tryAlgorithms, upload } from './cuda.js'
export * from './distributed/index.js'
export type { DType, MemoryFormat, TypedArray } from './dtype.js'
export { deviceCode, TorchError, type TorchErrorCode, torchErrors } from './errors.js'
export * as ops from './generated/ops.js'
export { loadKernels } from './kernels.js'
export type { Handle, Raw } from './native.js'
export * as nn from './nn/index.js'
export { type OpArgument, type OpResult, op, tensorOp } from './op.js'
export { type Tracer, trace } from './operator.js'
export * as optim from './optim/index.js'
export { type OperatorSpan, startProfile, stopProfile } from './profile.js'
export { Generator, getRandomState, manualSeed, setRandomState } from './random.js'
export {
  getNumThreads,
  hasCuda,
  keepMemory,
  loadOperatorLibrary,
  setDefaultDevice,
  setNumThreads,
  torchVersion,
} from './runtime.js'
export {
  loadSafetensors,
  readSafetensorsHeader,
  type SafetensorsHeader,
  saveSafetensors,
  saveSafetensorsAsync,
} from './safetensors/index.js'
export { keep, liveTensors, scope, Tensor, tensor } from './tensor.js'
