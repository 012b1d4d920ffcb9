import { checkThresholds, type PreprocessingInput, type Thresholds } from '@arcface/onnx'
import {
  DEFAULT_PACK,
  FaceFinder,
  IMAGE_SIZE,
  limitsOf,
  type PhotoReader,
  type QualityOption,
  Recognizer as VisionRecognizer,
} from '@arcface/vision'
import sharp from 'sharp'
import { openEyes } from '../challenge/open.js'
import { openDetector } from '../detect/open.js'
import { checkLiveness, type LivenessChoice, openLiveness } from '../liveness/open.js'
import { openModel } from '../models/open.js'
import { type ResolveOptions, resolveDetector } from '../models/resolve.js'
import { BACKENDS, type Backend } from '../network/backend.js'
import { checkOptions, type Kinds } from '../options.js'
import { checkMaxPixels, usePhoto } from '../photo/photo.js'
import { nameOf, type PhotoSource } from '../photo/source.js'

export interface RecognizerOptions extends ResolveOptions {
  /** An installed model pack, an ONNX file or the folder of a run. Default: the pack `faceplugin`. */
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
  /** Networks for `liveness`, loaded when it is first asked for. Default: the model's own, else those of `faceplugin`. */
  readonly liveness?: LivenessChoice
  /** Cores for each of the photographs in work; together they fill all. Default: a quarter; with the backend `wasm` 1. */
  readonly threads?: number
  /** Default: what ARCFACE_BACKEND says, else `node` where `onnxruntime-node` is installed, else `wasm` (`onnxruntime-web`). */
  readonly backend?: Backend
}

const OPEN: Kinds<RecognizerOptions> = {
  model: 'text',
  detector: 'text',
  preprocessing: 'any',
  thresholds: 'any',
  minScore: 'number',
  maxPixels: 'number',
  quality: 'any',
  liveness: 'any',
  threads: 'number',
  backend: BACKENDS,
  cache: 'text',
  run: 'function',
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
    const { model = DEFAULT_PACK, minScore, maxPixels, quality = {} } = options
    const { cache, run, preprocessing, threads, backend } = options
    const network = { threads, backend }
    if (maxPixels !== undefined) checkMaxPixels(maxPixels)
    limitsOf(quality)
    checkLiveness(options.liveness)
    const given =
      options.thresholds && checkThresholds(options.thresholds, 'Recognizer.open: thresholds')
    const { embedder, thresholds, ...identity } = await openModel(model, {
      ...network,
      cache,
      run,
      preprocessing,
    })
    try {
      const { path, landmarks } = await resolveDetector(options.detector, model, { cache })
      const detector = await openDetector(path, { landmarks, minScore, ...network })
      return new Recognizer({
        model: { ...identity, dim: embedder.dim },
        thresholds: given ?? thresholds,
        finder: new FaceFinder(detector, quality),
        embedder,
        photos: readerOf(maxPixels),
        liveness: () => openLiveness(model, { ...options.liveness, cache, ...network }),
        eyes: () => openEyes(model, { cache, ...network }),
      })
    } catch (error) {
      await embedder.close()
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
