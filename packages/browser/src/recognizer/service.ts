import { checkThresholds, thresholdsOf } from '@arcface/onnx'
import {
  Detector,
  Embedder,
  type EmbedOneOptions,
  type EmbedOptions,
  EyeReader,
  FaceFinder,
  type FaceOptions,
  galleryModelOf,
  IMAGE_BYTES,
  Lazy,
  LivenessChecker,
  limitsOf,
  Recognizer,
  type VerifyOptions,
} from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { LazyGallery } from '../gallery/handlers.js'
import { loadEyes, loadLiveness, loadModels, type ModelFile } from '../models/load.js'
import { packOf } from '../models/source.js'
import { type Builds, Devices } from '../network/devices.js'
import { nearBoxes, nearEmbeddings, type Tolerance } from '../network/trial.js'
import { closing, photoReader } from '../photo/reader.js'
import type { SentPhoto } from '../photo/source.js'
import type { Call, Handlers } from '../rpc/server.js'
import type { OpenArgs, RecognizerInfo } from './messages.js'

/** What is open in the worker; the gallery and the camera work with it too. */
export class Session {
  #opened: Opened | undefined

  constructor(private readonly builds: Builds) {}

  /** @throws BrowserError BROWSER_USE: nothing yet */
  get opened(): Opened {
    if (this.#opened) return this.#opened
    throw new BrowserError('BROWSER_USE', 'nothing is open yet')
  }

  get recognizer(): Recognizer<SentPhoto> {
    return this.opened.recognizer
  }

  /** Frees the networks. */
  async close(): Promise<void> {
    const { recognizer, eyes } = this.opened
    await recognizer.close()
    await eyes.close()
  }

  get gallery(): LazyGallery {
    return this.opened.gallery
  }

  async open(args: OpenArgs, call: Call): Promise<RecognizerInfo> {
    const devices = Devices.open(this.builds, args)
    this.#opened = await open(devices, args, call)
    const { model, thresholds, preprocessing } = this.recognizer
    return { model, thresholds, preprocessing, runtime: (await devices).info }
  }
}

export interface Opened {
  readonly recognizer: Recognizer<SentPhoto>
  readonly finder: FaceFinder
  readonly embedder: Embedder
  readonly gallery: LazyGallery
  /** The network of eyes of the models' pack, loaded once; undefined where there is none. */
  readonly eyes: Lazy<EyeReader | undefined>
}

/** What a page asks of recognition; `open` comes first. */
export const recognizerHandlers = (session: Session): Handlers => ({
  open: (args: OpenArgs, call) => session.open(args, call),
  detect: onPhoto((photo, options: FaceOptions) => session.recognizer.detect(photo, options)),
  embed: onPhoto((photo, options: EmbedOptions) => session.recognizer.embed(photo, options)),
  liveness: onPhoto((photo, options: Omit<FaceOptions, 'liveness'>) =>
    session.recognizer.liveness(photo, options),
  ),
  embedOne: onPhoto((photo, options: EmbedOneOptions) =>
    session.recognizer.embedOne(photo, options),
  ),
  verify: ({ a, b, options }: { a: SentPhoto; b: SentPhoto; options: VerifyOptions }, { signal }) =>
    closing([a, b], async () => session.recognizer.verify(a, b, { ...options, signal })),
  close: async () => {
    await session.gallery.close()
    await session.close()
  },
})

/** The worker's side of a method that looks at a photograph. */
const onPhoto =
  <Options>(look: (photo: SentPhoto, options: Options) => Promise<unknown>): Handlers[string] =>
  ({ photo, options }: { readonly photo: SentPhoto; readonly options: Options }, { signal }) =>
    closing([photo], async () => look(photo, { ...options, signal }))

/** Where this fails the page ends the worker, and with it whatever is open. */
async function open(
  opening: Promise<Devices>,
  {
    models,
    cache,
    minScore,
    maxPixels,
    quality = {},
    gallery = {},
    liveness,
    ...options
  }: OpenArgs,
  { signal, progress }: Call,
): Promise<Opened> {
  limitsOf(quality)
  const given =
    options.thresholds && checkThresholds(options.thresholds, 'Recognizer.open: thresholds')
  const [devices, loaded] = await Promise.all([
    opening,
    loadModels(models, { cache, signal, onProgress: progress }),
  ])
  const sourceOf = ({ name, bytes }: { name: string; bytes: Uint8Array }, near: Tolerance) =>
    devices.source(name, bytes, near)
  const embedder = await Embedder.open(sourceOf(loaded.embedder, nearEmbeddings), {
    preprocessing: options.preprocessing,
    packPreprocessing: loaded.preprocessing,
  })
  signal.throwIfAborted()
  const detector = await Detector.open(sourceOf(loaded.detector, nearBoxes), {
    minScore,
    landmarks: loaded.landmarks && sourceOf(loaded.landmarks, nearBoxes),
  })
  await devices.settle(() => warmUp(detector, embedder))
  signal.throwIfAborted()
  const finder = new FaceFinder(detector, quality)
  const { metadata, dim } = embedder
  const own = packOf(models)
  const lively = liveness?.pack ?? own
  const source = ({ name, bytes }: ModelFile) => devices.plain(name, bytes)
  const recognizer = new Recognizer<SentPhoto>({
    model: { name: loaded.name, sha256: loaded.embedder.sha256, dim },
    thresholds: given ?? loaded.thresholds ?? (metadata && thresholdsOf(metadata)),
    finder,
    embedder,
    photos: photoReader(maxPixels),
    liveness:
      lively &&
      (async () => {
        const { part, models } = await loadLiveness(lively, { cache })
        return LivenessChecker.open(models.map(source), part, { threshold: liveness?.threshold })
      }),
  })
  const { model, preprocessing } = recognizer
  const held = galleryModelOf(model, preprocessing.preprocessing)
  const eyes = new Lazy(async () => {
    const file = own && (await loadEyes(own, { cache }))
    return file && EyeReader.open(source(file))
  })
  return { recognizer, finder, embedder, gallery: new LazyGallery(held, gallery), eyes }
}

/** A photograph of usual size, and a face; of noise, since only the work counts. */
async function warmUp(detector: Detector, embedder: Embedder): Promise<void> {
  const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i * 7919) >> 3)
  const [width, height] = [640, 480]
  await detector.detect({ width, height, pixels: noise(3 * width * height) }, { once: true })
  await embedder.embed(noise(IMAGE_BYTES), 1)
}
