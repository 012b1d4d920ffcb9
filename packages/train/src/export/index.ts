// Networks as ONNX files: the operators of a forward pass, each written by its converter.
export { buildOnnx } from './build.js'
export type { Call } from './call.js'
export { cardOfRun } from './card.js'
export { type Converter, converters } from './converters.js'
export { type ExportMetadata, type ExportReport, exportOnnx } from './export.js'
export type { Constant, Value } from './graph.js'
export { exportRun, onnxOfRun } from './run.js'
