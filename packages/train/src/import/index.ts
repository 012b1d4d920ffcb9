// ONNX graphs as networks that train: each operator run by its converter, its weights as parameters.
export { importOnnx } from './import.js'
export { ImportedNetwork } from './network.js'
export { PUT_BACK, PUT_BACK_EPSILON } from './unfold.js'
