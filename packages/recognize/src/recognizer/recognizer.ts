import { checkThresholds, type PreprocessingInput, type Thresholds } from '@arcface/onnx'
import {
  FaceFinder,
  IMAGE_SIZE,
  limitsOf,
  type PhotoReader,
  type QualityOption,
  Recognizer as VisionRecognizer,
} from '@arcface/vision'
import sharp from 'sharp'
import { openDetector } from '../detect/open.js'
import { openEmbedder } from '../embedder/open.js'
import { DEFAULT_PACK } from '../models/registry.js'
import { BACKENDS, type Backend } from '../network/backend.js'
import { checkOptions, type Kinds } from '../options.js'
import { checkMaxPixels, usePhoto } from '../photo/photo.js'
import { nameOf, type PhotoSource } from '../photo/source.js'
import { findDetector, findEmbedder, ownThresholds } from './parts.js'

export interface RecognizerOptions {
  /** An installed model pack or an ONNX file. Default: the pack `faceplugin`. */
  readonly model?: string
  /** A pack or an ONNX file. Default: the model's own, else that of `faceplugin`. */
  readonly detector?: string
  /** For an ONNX file of others: each value replaces its own and nothing else. */
  readonly preprocessing?: PreprocessingInput
  /** Instead of the model's own: what `arcface evaluate threshold --out` has written. */
  readonly thresholds?: Thresholds
  /** Faces with a lower score are left out. Default: what the detector's authors use. */
  readonly minScore?: number
  /** Pixels of the largest photograph that is decoded. Default: what takes 512 MB, 170 million of an ordinary JPEG. */
  readonly maxPixels?: number
  /** What a face must be like to be recognised: limits in place of the usual ones, or false for none. */
  readonly quality?: QualityOption
  /** Cores for each of the photographs in work; together they fill all. Default: a quarter; with the backend `wasm` 1. */
  readonly threads?: number
  /** Default: what ARCFACE_BACKEND says, else `node` where `onnxruntime-node` is installed, else `wasm` (`onnxruntime-web`). */
  readonly backend?: Backend
  /** Where packs lie. Default: ARCFACE_CACHE, XDG_CACHE_HOME/arcface or ~/.cache/arcface. */
  readonly cache?: string
}

const OPEN: Kinds<RecognizerOptions> = {
  model: 'text',
  detector: 'text',
  preprocessing: 'any',
  thresholds: 'any',
  minScore: 'number',
  maxPixels: 'number',
  quality: 'any',
  threads: 'number',
  backend: BACKENDS,
  cache: 'text',
}

/** A recognizer of photographs in files, URLs, bytes and memory, with models of packs or files. */
export class Recognizer extends VisionRecognizer<PhotoSource> {
  /**
   * Loads detector and embedder.
   * @throws RecognizeError RECOGNIZE_PACK (not installed: the message says how), RECOGNIZE_LOAD,
   *   RECOGNIZE_BACKEND, RECOGNIZE_PREPROCESSING, RECOGNIZE_USE; VisionError VISION_DETECTOR, VISION_MODEL_SHAPE, VISION_PREPROCESSING,
   *   VISION_USE; OnnxError
   */
  static async open(options: RecognizerOptions = {}): Promise<Recognizer> {
    checkOptions('Recognizer.open', options, OPEN)
    const { model = DEFAULT_PACK, cache, minScore, maxPixels, quality = {} } = options
    const network = { threads: options.threads, backend: options.backend }
    if (maxPixels !== undefined) checkMaxPixels(maxPixels)
    limitsOf(quality)
    const given =
      options.thresholds && checkThresholds(options.thresholds, 'Recognizer.open: thresholds')
    const found = await findEmbedder(model, cache)
    const { path, landmarks } = await findDetector(options.detector, model, cache)
    const detector = await openDetector(path, { landmarks, minScore, ...network })
    try {
      const embedder = await openEmbedder(found.path, {
        ...network,
        preprocessing: options.preprocessing,
        packPreprocessing: found.preprocessing,
      })
      return new Recognizer({
        model: { name: found.name, sha256: found.sha256, dim: embedder.dim },
        thresholds: given ?? ownThresholds(found, embedder.metadata),
        finder: new FaceFinder(detector, quality),
        embedder,
        photos: readerOf(maxPixels),
      })
    } catch (error) {
      await detector.close()
      throw error
    }
  }
}

const readerOf = (maxPixels: number | undefined): PhotoReader<PhotoSource> => ({
  use: (source, options, work) => usePhoto(source, { ...options, maxPixels }, work),
  nameOf,
  thumbnail: (pixels) =>
    sharp(pixels, { raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer(),
})
