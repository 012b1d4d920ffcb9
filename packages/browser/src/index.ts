/**
 * @arcface/browser: @arcface/vision in a page, on ONNX Runtime's WebAssembly. Nothing leaves the page.
 *
 * `Recognizer` is the one object that a page needs: photographs in (files, bytes, <img>, <video>, <canvas>, pictures in
 * memory), faces with boxes, points, quality and embeddings out, whether two show the same person, and who of the people
 * that the browser keeps (`gallery`) is seen, by the same code as @arcface/recognize in Node and to the same numbers.
 * `FaceCamera` follows the faces before a camera with it; `./element` and `./react` show that. All of it runs in one
 * worker; the page's thread only asks. What is returned is the caller's. Errors are `BrowserError`s with a code, and those
 * of the rooms below.
 */
export type {
  Act,
  Alike,
  Box,
  ChallengeFailure,
  ChallengeState,
  ChallengeVerdict,
  Compared,
  Description,
  EmbeddedFace,
  EmbedOneOptions,
  EmbedOptions,
  Enrolled,
  Face,
  FaceOptions,
  FacesPage,
  Filter,
  GalleryFace,
  GalleryModel,
  Identified,
  IdentifiedFace,
  IdentifyOptions,
  IdentifyPhotoOptions,
  ListedPerson,
  LiveFace,
  Liveness,
  Match,
  NewFace,
  NewPerson,
  PeoplePage,
  Person,
  Rejection,
  Searched,
  Verification,
  VerifyOptions,
} from '@arcface/vision'
export { FaceCamera, type FaceCameraOptions } from './camera/camera.js'
export type { CameraChallengeOptions, ChallengeResult } from './camera/challenge.js'
export type {
  CameraEvents,
  CameraFace,
  CameraFailure,
  CameraFrame,
  CameraState,
} from './camera/events.js'
export type {
  CameraIdentifyOptions,
  CapturedFace,
  IdentifiedTrack,
  Identity,
  TrackFace,
} from './camera/messages.js'
export { BrowserError, type BrowserErrorCode, browserErrors } from './errors.js'
export type { GalleryOptions } from './gallery/about.js'
export type { Gallery, ImportOptions } from './gallery/gallery.js'
export type { GalleryStats } from './gallery/reader.js'
export type { DownloadProgress } from './models/progress.js'
export type {
  EmbedderGiven,
  FileGiven,
  FileSource,
  ModelsGiven,
  PackGiven,
} from './models/source.js'
export type { RuntimeInfo, WebGpuReport } from './network/devices.js'
export type { NetworkReport } from './network/trial.js'
export type { PhotoSource } from './photo/source.js'
export {
  type LivenessChoice,
  Recognizer,
  type RecognizerOptions,
  type WasmPaths,
  type WebGpu,
} from './recognizer/recognizer.js'
