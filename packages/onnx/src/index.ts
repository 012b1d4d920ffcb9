/**
 * @arcface/onnx: ONNX files as data, anywhere. Messages generated from onnx.proto (`npm run generate` here, with Debian's
 * protobuf-compiler), reading from bytes and writing to them, shapes, metadata, thresholds, edits. Nothing here runs a model
 * or opens a file. A model's weights are views of the bytes it was read from; who changes them changes the model.
 */
export { freeDimensions } from './edit/free.js'
export { withoutTinyWeights } from './edit/tiny.js'
export { OnnxError, type OnnxErrorCode, onnxErrors } from './errors.js'
export { externalFiles } from './external.js'
export {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './generated/onnx_pb.js'
export { insightfaceAccepts, insightfacePreprocessing } from './insightface.js'
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
  setMetadata,
  thresholdMetadata,
  thresholdsOf,
} from './metadata.js'
export {
  type Dimension,
  decodeModel,
  encodeModel,
  type GraphValue,
  modelInputs,
  modelOutputs,
} from './model.js'
export {
  checkThresholds,
  type Impostors,
  parseThresholds,
  type Thresholds,
  thresholdsSchema,
} from './thresholds.js'
export { whatIsIt } from './what.js'
