/**
 * @arcface/browser: @arcface/vision in a page, on ONNX Runtime's WebAssembly. Nothing leaves the page.
 *
 * `Recognizer` is the one object that a page needs: photographs in (files, bytes, <img>, <video>, <canvas>, pictures in
 * memory), faces with boxes, points, quality and embeddings out, or whether two show the same person, by the same code as
 * @arcface/recognize in Node and to the same numbers. All of it runs in one worker; the page's thread only asks. What is
 * returned is the caller's. Errors are `BrowserError`s with a code, and those of the rooms below.
 */
export type {
  Box,
  EmbeddedFace,
  EmbedOneOptions,
  EmbedOptions,
  Face,
  FaceOptions,
  Rejection,
  Verification,
  VerifyOptions,
} from '@arcface/vision'
export { BrowserError, type BrowserErrorCode, browserErrors } from './errors.js'
export type { DownloadProgress } from './models/progress.js'
export type {
  EmbedderGiven,
  FileGiven,
  FileSource,
  ModelsGiven,
  PackGiven,
} from './models/source.js'
export type { RuntimeInfo } from './network/runtime.js'
export type { PhotoSource } from './photo/source.js'
export { Recognizer, type RecognizerOptions } from './recognizer/recognizer.js'
