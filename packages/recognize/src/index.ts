/**
 * @arcface/recognize: @arcface/vision in Node, on ONNX Runtime and without libtorch.
 *
 * `Recognizer` is the one object most users need: photographs in (paths, URLs, bytes, pictures in memory), faces with boxes,
 * points, quality and embeddings out, or whether two show the same person. Its models are packs (`pullPack`) or ONNX files:
 * ours say in their metadata how they want their pixels, others by options, by a file beside them or by InsightFace's rule.
 * Beneath it, one by one: `readPhoto`, `openDetector`, `openEmbedder`, `openLiveness`; `prepareFolder` writes aligned faces of whole folders,
 * `writeEmbeddings` the embeddings of many. Networks run in threads of their own and own native memory until `close()`.
 * Errors are `RecognizeError`s with a code, and those of the rooms below.
 */

export { DEFAULT_PACK, type Pack, registry } from '@arcface/vision'
export { type OpenEyesOptions, openEyes } from './challenge/open.js'
export { type OpenDetectorOptions, openDetector } from './detect/open.js'
export { drawFaces } from './draw/draw.js'
export { type OpenEmbedderOptions, openEmbedder } from './embedder/open.js'
export { areAligned, embedAligned } from './embeddings/aligned.js'
export { embedPhoto, embedPhotos } from './embeddings/photos.js'
export type { EmbeddingRow, PhotoResult } from './embeddings/rows.js'
export { jsonOf, type WrittenEmbeddings, writeEmbeddings } from './embeddings/write.js'
export { isOfPhoto, RecognizeError, type RecognizeErrorCode, recognizeErrors } from './errors.js'
export {
  type LivenessChoice,
  type OpenLivenessOptions,
  openLiveness,
} from './liveness/open.js'
export {
  type LivenessScorer,
  type LivenessScorerOptions,
  openLivenessScorer,
} from './liveness/scorer.js'
export { hasExactInt8 } from './matmul/int8.js'
export { onnxMatMul } from './matmul/matmul.js'
export { checkRows, pairsAbove } from './matmul/pairs.js'
export { Panels } from './matmul/panels.js'
export { Product } from './matmul/rows.js'
export { copyPack } from './models/copy.js'
export { type InstalledPack, installedPack, installedPacks, openPack } from './models/installed.js'
export { type OpenedModel, type OpenModelOptions, openModel } from './models/open.js'
export { type OwnPackOptions, ownPack } from './models/own.js'
export { findPack, parsePack, readPack } from './models/pack.js'
export { type PullOptions, pullPack } from './models/pull.js'
export {
  isRun,
  type ResolvedDetector,
  type ResolvedLiveness,
  type ResolvedModel,
  type ResolveOptions,
  resolveDetector,
  resolveLiveness,
  resolveModel,
} from './models/resolve.js'
export { type Backend, runtimePackage } from './network/backend.js'
export { modelFile, type NetworkOptions } from './network/network.js'
export { isPhotoName, type ListedPhotos, listPhotos, photosIn } from './photo/files.js'
export { type PhotoOptions, readPhoto, usePhoto } from './photo/photo.js'
export { smallPhoto } from './photo/small.js'
export type { ImageBytes, PhotoSource } from './photo/source.js'
export { atHand, nameOf } from './photo/source.js'
export {
  type ExportedModel,
  type ExportModelOptions,
  exportModel,
  PRECISIONS,
  type Precision,
} from './precision/export.js'
export { type PrepareOptions, type PrepareResult, prepareFolder } from './prepare/prepare.js'
export { type RecaptureOptions, type RecaptureResult, recaptureFolder } from './recapture/folder.js'
export { Recognizer, type RecognizerOptions } from './recognizer/recognizer.js'
export { sortInTurns, Turns } from './turns.js'
