/**
 * @arcface/data/weights: files of weights of other frameworks, as plain arrays.
 *
 * In: MXNet's `.params`, PyTorch's `.pth` and `.pt`. Out: a map from name to type, shape and values in row-major order,
 * the caller's; and back into files. Safetensors are read and written by `@arcface/libtorch`. No code in a file is ever
 * run. Errors are `DataError`s with a code, and `FilesError`s where a file cannot be read or written.
 */
export { readParams, writeParams } from './mxnet.js'
export type { Weight, Weights } from './tensor.js'
export { refuseOther } from './tensor.js'
export { readTorch } from './torch.js'
export { writeTorch } from './torch-write.js'
