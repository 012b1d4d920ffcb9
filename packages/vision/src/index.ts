/**
 * @arcface/vision: from pixels to a decision about a face. The same bytes run in Node, a browser, a worker, Bun and Deno.
 *
 * In: pictures in memory (`Photo`: RGB, HWC, uint8) and loaded networks (`Network`), both through interfaces that a runtime
 * implements. Out: faces with boxes, points (pixels) and quality, aligned faces of 112 x 112, L2-normalised embeddings,
 * cosines, thresholds with the FAR that they stand for, and the best of many faces in memory. `Recognizer` is all of it
 * together, `FaceFollower` follows faces through a video, `LivenessChecker` and `FaceChallenge` say whether a face lives (a
 * score and its threshold, a verdict with its reasons), `Rotation` turns embeddings by a secret key. What runtimes share besides: what a model pack is, and
 * `galleryRules`, which galleries of all of them keep to. What is returned belongs to the caller, pictures are only read;
 * who opened a detector, embedder or recognizer closes it. Errors are `VisionError`s with a code.
 */
export { alignFace, TEMPLATE } from './align/align.js'
export { type Point, type Similarity, similarity } from './align/similarity.js'
export { ACTS, type Act, drawActs } from './challenge/acts.js'
export {
  Challenge,
  type ChallengeLook,
  type ChallengeOptions,
  type FaceLook,
} from './challenge/challenge.js'
export { EyeReader } from './challenge/eyes.js'
export {
  type ChallengeParts,
  FaceChallenge,
  type FaceChallengeOptions,
  type FirstFrame,
} from './challenge/face-challenge.js'
export type {
  ChallengeFailure,
  ChallengeState,
  ChallengeVerdict,
  DoneAct,
} from './challenge/verdict.js'
export { paint, type Shrink } from './detect/canvas.js'
export { type Box, contained, type Detection } from './detect/detection.js'
export { type DetectOptions, Detector, type DetectorOptions } from './detect/detector.js'
export { type JudgedDetection, PLAUSIBLE } from './detect/plausible.js'
export { adaptModel } from './embedder/adapt.js'
export { type EmbeddedRows, Embedder, type EmbedderOptions } from './embedder/embedder.js'
export {
  describePreprocessing,
  findPreprocessing,
  type PreprocessingSource,
  replacePreprocessing,
  type Sidecar,
  writeInput,
} from './embedder/preprocessing.js'
export { type NetworkShape, networkShape } from './embedder/shape.js'
export { VisionError, type VisionErrorCode, visionErrors } from './errors.js'
export {
  chooseFaces,
  FACES,
  type Faces,
  likelyFaces,
  ONE_FACE,
  type OneFace,
} from './faces/choose.js'
export { type CutFace, type Face, FaceFinder, type FindOptions } from './faces/finder.js'
export { canonicalJson } from './gallery/canonical.js'
export { type Alike, alikeOf, type Compared, closer } from './gallery/compared.js'
export {
  type Consent,
  type End,
  endOf,
  type Keeping,
  keepingOf,
  keepingRow,
} from './gallery/consent.js'
export { type Enrolment, type Moment, planEnrolment, planPeople } from './gallery/enrolment.js'
export {
  type Enrolled,
  FACE,
  FACE_ID,
  type FaceRow,
  type FacesPage,
  type GalleryFace,
  galleryFace,
  type ListedRow,
  type NewFace,
} from './gallery/face.js'
export { EXPORT_FORMAT, type ExportHeader } from './gallery/header.js'
export type { Held } from './gallery/held.js'
export { HeldPeople } from './gallery/held-people.js'
export type { Identified, IdentifyOptions, Match, Searched } from './gallery/identify.js'
export { type ImportTarget, importRows } from './gallery/import.js'
export { KnownFaces } from './gallery/known.js'
export type { Metadata } from './gallery/metadata.js'
export {
  type GalleryModel,
  galleryModelOf,
  galleryModelSchema,
  issueOf,
} from './gallery/model.js'
export { type Filter, visibleName } from './gallery/names.js'
export { byCodePoint } from './gallery/order.js'
export type { ParsedRow } from './gallery/parse.js'
export {
  DESCRIPTION,
  type Description,
  type FoundPerson,
  foundOf,
  type ListedPerson,
  type NewPerson,
  type PeoplePage,
  type Person,
  type PersonRow,
  personOf,
} from './gallery/person.js'
export {
  checkEnrollable,
  type Identification,
  type IdentifiedFace,
  type IdentifyPhotoOptions,
  identifyFaces,
} from './gallery/photo.js'
export type { GalleryRefusal, GalleryTrouble } from './gallery/refuse.js'
export {
  type ExportedRow,
  jsonOfRow,
  rowOfJson,
  rowWithFace,
  rowWithoutFace,
} from './gallery/rows.js'
export { galleryRules } from './gallery/rules.js'
export { byEnd, type Due, type SweepOptions } from './gallery/sweep.js'
export { type ImageFormat, imageFormat, type NoImage, SIGNATURE } from './image/format.js'
export { mirrorImages } from './image/mirror.js'
export type { Photo } from './image/photo.js'
export { IMAGE_BYTES, IMAGE_SIZE } from './image/size.js'
export { Lazy } from './lazy.js'
export {
  type FaceToCheck,
  LivenessChecker,
  type LivenessOptions,
} from './liveness/checker.js'
export type { LivenessModel, LivenessPart, LivenessPoint } from './liveness/part.js'
export type { Liveness, Unsure } from './liveness/result.js'
export {
  BLOCK,
  GROUP,
  type MatMul,
  PANEL,
  type Product,
  type Selected,
  type Selection,
} from './matmul/matmul.js'
export { sharedFloats } from './memory/shared.js'
export { wrongBeginning } from './models/begins.js'
export {
  MANIFEST,
  type Manifest,
  manifestSchema,
  newestPack,
  sameDownloads,
} from './models/manifest.js'
export { type Download, type Pack, type PackInput, packParser, type Source } from './models/pack.js'
export { DEFAULT_PACK, registry } from './models/registry.js'
export { didYouMean, nearest } from './nearest.js'
export type {
  ModelSource,
  Network,
  Tensor,
  Tensors,
} from './network/network.js'
export { type Kind, type Kinds, kindOf, optionsChecker } from './options.js'
export { ROTATION_KEY, Rotation } from './protection/rotation.js'
export { type Grade, type GradeParts, gradeOf } from './quality/grade.js'
export { type Light, lightOf } from './quality/light.js'
export {
  BEST_QUALITY,
  type JudgedAligned,
  judgeAligned,
  limitsOf,
  PURPOSES,
  type Purpose,
  type QualityLimits,
  type QualityOption,
  qualityOfAligned,
  type Rejection,
  reasonsOf,
  rejectionsOf,
} from './quality/limits.js'
export { type Pose, poseOf } from './quality/pose.js'
export { type Quality, qualityOf, textureOf } from './quality/quality.js'
export { Random, shuffle } from './random/random.js'
export {
  type AlignedVerification,
  type VerifyAlignedOptions,
  verifyAligned,
} from './recognizer/aligned.js'
export { PhotoChallenge } from './recognizer/challenge.js'
export { Limit } from './recognizer/limit.js'
export {
  type EmbedOneOptions,
  type EmbedOptions,
  type FaceOptions,
  type PhotoReader,
  Recognizer,
  type RecognizerParts,
  type VerifyOptions,
} from './recognizer/recognizer.js'
export type {
  EmbeddedFace,
  LiveFace,
  ModelIdentity,
  Verification,
} from './recognizer/results.js'
export {
  type Bounds,
  type ByteRows,
  boundsOfProducts,
  LARGEST_BYTE,
  type PanelSide,
  quantizeRows,
  roundingOf,
} from './search/bytes.js'
export { type HeldFace, HeldFaces, MANY_FACES, type StoredHeldFace } from './search/faces.js'
export type {
  BytePanel,
  ByteProduct,
  PanelMaker,
  RowPart,
  RowProduct,
  RowScores,
} from './search/product.js'
export { type Found, searchFaces } from './search/search.js'
export { Slots } from './search/slots.js'
export { cosine, SAME_PICTURE } from './similarity/cosine.js'
export {
  farForFpir,
  fpirAtFar,
  type OperatingThreshold,
  thresholdAt,
} from './threshold/operating-point.js'
export {
  comparedProbability,
  logLikelihoodRatio,
  type MatchProbability,
  probabilityAt,
  probabilityOf,
} from './threshold/probability.js'
export { rateName, roundedRate } from './threshold/rate.js'
export { type Tail, tailCosine } from './threshold/tail.js'
export {
  type ChosenSearchThreshold,
  type ChosenThreshold,
  choosePersonThreshold,
  chooseSearchThreshold,
  chooseThreshold,
  isDecided,
  type SearchThresholdOptions,
  searchThreshold,
  type ThresholdOptions,
  verdictOf,
} from './threshold/threshold.js'
export { Capture, type Captured, type Scene, type SceneHint, sceneOf } from './track/capture.js'
export {
  type EmbeddedFollowed,
  FaceFollower,
  type FollowedFace,
  type FollowedFrame,
  type FollowerOptions,
} from './track/follower.js'
export { goodnessOf } from './track/goodness.js'
export {
  type Guidance,
  Guide,
  type GuideFigure,
  HINTS,
  type Hint,
  type Look,
} from './track/guide.js'
export { type Track, type TrackedFrame, Tracker, type TrackerOptions } from './track/tracker.js'
