// Networks as ONNX files: the operators of a forward pass, each written by its converter.
export { buildOnnx } from './build.js'
export type { Call, Converter } from './call.js'
export { cardOfRun } from './card.js'
export { converters } from './converters.js'
export { type ExportMetadata, type ExportReport, exportOnnx } from './export.js'
export type { Constant, Value } from './graph.js'
export { exportRun, onnxOfRun } from './run.js'
