/**
 * @arcface/onnx: ONNX files as data, anywhere. Messages generated from onnx.proto (`npm run generate` here, with Debian's
 * protobuf-compiler), reading from bytes and writing to them, shapes, metadata, thresholds, a builder of graphs, edits.
 * Nothing here runs a model or opens a file. A model's weights are views of the bytes it was read from, or of the arrays
 * it was built of; who changes them changes the model.
 */
export { GraphBuilder, type GraphOptions } from './build/graph.js'
export {
  type Attribute,
  type Attributes,
  type Numbers,
  node,
  type Shape,
  tensor,
  valueInfo,
} from './build/parts.js'
export { giveFloats, type ImageInput, takeFloats } from './edit/floats.js'
export { freeBatch, freeDimensions } from './edit/free.js'
export { takePixels } from './edit/pixels.js'
export { withoutPRelu } from './edit/prelu.js'
export { withoutTinyWeights } from './edit/tiny.js'
export { giveValues } from './edit/values.js'
export { OnnxError, type OnnxErrorCode, onnxErrors } from './errors.js'
export {
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type ValueInfoProto,
} from './generated/onnx_pb.js'
export { type Calibration, calibrationSchema } from './metadata/calibration.js'
export { insightfaceAccepts, insightfacePreprocessing } from './metadata/insightface.js'
export {
  ARCFACE_ALIGNMENT,
  type ArcfaceMetadata,
  type ArcfaceMetadataInput,
  arcfaceMetadataSchema,
  formatArcfaceMetadata,
  getMetadata,
  type Preprocessing,
  type PreprocessingInput,
  parseArcfaceMetadata,
  preprocessingSchema,
  setArcfaceMetadata,
  setMetadata,
  thresholdMetadata,
  thresholdsOf,
  withThresholds,
} from './metadata/metadata.js'
export {
  checkThresholds,
  type Impostors,
  parseThresholds,
  type Thresholds,
  thresholdsSchema,
} from './metadata/thresholds.js'
export { externalFiles } from './model/external.js'
export {
  type Dimension,
  decodeModel,
  encodeModel,
  type GraphValue,
  modelInputs,
  modelOutputs,
} from './model/model.js'
export { numbersOf } from './model/numbers.js'
export { whatIsIt } from './model/what.js'
export { type ChannelRanges, equalize } from './quantize/equalize.js'
export { toFloat16 } from './quantize/float16.js'
export { quantizeInt8, valuesToMeasure } from './quantize/int8.js'
export type { Range } from './quantize/integers.js'
export { prepareInt8 } from './quantize/prepare.js'
