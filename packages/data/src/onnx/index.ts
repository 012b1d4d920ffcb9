// ONNX files on disk (@arcface/onnx has the rest): read, known by their sum, made of MXNet's models.

export { type ModelDigests, modelDigest, modelDigests } from './digest.js'
export { mxnetToOnnx } from './mxnet.js'
export { readModel, readModelBytes } from './read.js'
export { readSidecar } from './sidecar.js'
