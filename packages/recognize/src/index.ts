// Faces to embeddings, on ONNX Runtime and without libtorch.
//
// `Recognizer` is the one object most users need: photographs in, faces with boxes, points, quality
// and embeddings out, or whether two show the same person; a face too poor to be told says why (`rejected`). Its models are packs (`pullPack`) or
// files. Beneath it, one by one: `readPhoto`, `Detector` (YuNet, SCRFD, UltraFace), `alignFace`,
// `Embedder`; `prepareFolder` writes aligned faces of whole folders, `writeEmbeddings` the embeddings of
// many. A `Gallery` keeps people and their faces on disk and finds them. For the embedder:
//
// In: aligned faces, RGB, HWC, uint8, 112x112, and an ONNX file: ours (which says in its metadata
// how it wants its pixels) or another's (preprocessing by options, by a sidecar file, or by
// InsightFace's rule). Out: Float32Array, row-major N x D, L2-normalised; compare with the cosine,
// which is their dot product. What is returned belongs to the caller; images are only read. An
// embedder owns native memory until `close()`.

export { alignFace, TEMPLATE } from './align/align.js'
export { type Point, type Similarity, similarity } from './align/similarity.js'
export type { Box, Detection } from './detect/detection.js'
export { type DetectOptions, Detector, type DetectorOptions } from './detect/detector.js'
export { drawFaces } from './detect/draw.js'
export type { JudgedDetection } from './detect/plausible.js'
export { Embedder, type EmbedderOptions } from './embedder/embedder.js'
export { describePreprocessing, type PreprocessingSource } from './embedder/preprocessing.js'
export { areAligned, embedAligned } from './embeddings/aligned.js'
export { cosine } from './embeddings/cosine.js'
export { embedPhotos } from './embeddings/photos.js'
export type { EmbeddingRow, PhotoResult } from './embeddings/rows.js'
export { jsonOf, type WrittenEmbeddings, writeEmbeddings } from './embeddings/write.js'
export { isOfPhoto, RecognizeError } from './errors.js'
export type { Alike } from './gallery/alike.js'
export { checkGallery, type GalleryCheck, type TableCheck } from './gallery/check.js'
export { clusterFaces } from './gallery/cluster.js'
export type { Compared } from './gallery/compare.js'
export type { Duplicate } from './gallery/duplicates.js'
export type { Enrolled, NewFace, NewPerson } from './gallery/enroll.js'
export { exportGallery, exportReadable } from './gallery/export.js'
export {
  type EnrollFolderOptions,
  type EnrollFolderResult,
  enrollFolder,
  type FacesOf,
} from './gallery/folder.js'
export {
  type FaceOfPerson,
  type Gallery,
  type GalleryStats,
  openGallery,
} from './gallery/gallery.js'
export type { Filter, Identified, IdentifyOptions, Match, Searched } from './gallery/identify.js'
export { exportedModel, importGallery } from './gallery/import.js'
export type { Metadata } from './gallery/metadata.js'
export { type GalleryModel, galleryModel } from './gallery/model.js'
export type { Person } from './gallery/person.js'
export { onnxMatMul } from './matmul/matmul.js'
export { pairsAbove } from './matmul/pairs.js'
export {
  type InstalledPack,
  installedPack,
  installedPacks,
  openPack,
} from './models/installed.js'
export { type Pack, parsePack, readPack } from './models/pack.js'
export { type PullOptions, pullPack } from './models/pull.js'
export { DEFAULT_PACK, findPack, registry } from './models/registry.js'
export { type ListedPhotos, listPhotos, photosIn } from './photo/files.js'
export { type Photo, type PhotoOptions, readPhoto, usePhoto } from './photo/photo.js'
export type { ImageBytes, PhotoSource } from './photo/source.js'
export type { Faces, OneFace } from './prepare/choose.js'
export { type PrepareOptions, type PrepareResult, prepareFolder } from './prepare/prepare.js'
export {
  judgeAligned,
  limitsOf,
  type QualityLimits,
  type QualityOption,
  type Rejection,
  reasonsOf,
  rejectionsOf,
} from './quality/limits.js'
export { type Pose, poseOf } from './quality/pose.js'
export { type Quality, qualityOf, textureOf } from './quality/quality.js'
export { facesOf } from './recognizer/faces-of.js'
export {
  type DetectorPart,
  type EmbedderPart,
  findDetector,
  findEmbedder,
  ownThresholds,
} from './recognizer/parts.js'
export {
  type EmbedOneOptions,
  type EmbedOptions,
  type FaceOptions,
  Recognizer,
  type RecognizerOptions,
  type VerifyOptions,
} from './recognizer/recognizer.js'
export type {
  EmbeddedFace,
  Face,
  ModelIdentity,
  PersonVerification,
  Verification,
} from './recognizer/results.js'
export {
  type ChosenSearchThreshold,
  type ChosenThreshold,
  chooseSearchThreshold,
  chooseThreshold,
  type SearchThresholdOptions,
  type ThresholdOptions,
} from './recognizer/threshold.js'
