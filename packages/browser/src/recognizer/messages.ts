import type { Preprocessing, PreprocessingInput, Thresholds } from '@arcface/onnx'
import type { ModelIdentity, PreprocessingSource, QualityOption } from '@arcface/vision'
import type { GalleryOptions } from '../gallery/about.js'
import type { Models, PackPart } from '../models/source.js'
import type { DeviceOptions, RuntimeInfo } from '../network/devices.js'

/** What the worker opens. */
export interface OpenArgs extends DeviceOptions {
  readonly models: Models
  /** False: models are not kept for the next visit. Default true. */
  readonly cache?: boolean | undefined
  readonly preprocessing?: PreprocessingInput | undefined
  readonly thresholds?: Thresholds | undefined
  /** Where people are kept; false: nowhere. Default: encrypted, under the name `people`. */
  readonly gallery?: GalleryOptions | false | undefined
  readonly minScore?: number | undefined
  readonly maxPixels?: number | undefined
  readonly quality?: QualityOption | undefined
  /** What says whether a face is living, and from which score on it is. */
  readonly liveness?:
    | { readonly pack?: PackPart; readonly threshold?: number | undefined }
    | undefined
}

/** What it has opened, as the page knows it. */
export interface RecognizerInfo {
  readonly model: ModelIdentity
  readonly thresholds: Thresholds | undefined
  readonly preprocessing: {
    readonly preprocessing: Preprocessing
    readonly source: PreprocessingSource
  }
  readonly runtime: RuntimeInfo
}
