// ONNX files: messages generated from onnx.proto (`npm run generate:onnx` in packages/data, with
// Debian's protobuf-compiler), and what the exporter and the embedder share: reading, writing,
// shapes, metadata. Nothing here runs a model. A model's weights are views of the bytes it was
// read from; who changes them changes the model.

export { modelDigest } from './digest.js'
export { OnnxError } from './errors.js'
export { externalFiles } from './external.js'
export * from './generated/onnx_pb.js'
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
  readModel,
} from './model.js'
export { mxnetToOnnx } from './mxnet.js'
export {
  checkThresholds,
  type Impostors,
  parseThresholds,
  type Thresholds,
  thresholdsSchema,
} from './thresholds.js'
