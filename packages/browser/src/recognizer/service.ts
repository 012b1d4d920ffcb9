import { checkThresholds, thresholdsOf } from '@arcface/onnx'
import {
  Detector,
  Embedder,
  type EmbedOneOptions,
  type EmbedOptions,
  FaceFinder,
  type FaceOptions,
  limitsOf,
  Recognizer,
  type VerifyOptions,
} from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { loadModels } from '../models/load.js'
import { type Build, Runtime } from '../network/runtime.js'
import { photoReader } from '../photo/reader.js'
import type { SentPhoto } from '../photo/source.js'
import type { Call, Handlers } from '../rpc/server.js'
import type { OpenArgs, Opened } from './messages.js'

interface PhotoArgs<Options> {
  readonly photo: SentPhoto
  readonly options: Options
}

/** What is open in the worker. */
export interface Open {
  readonly recognizer: Recognizer<SentPhoto>
  readonly finder: FaceFinder
  readonly embedder: Embedder
}

/** Everything that a page asks of recognition; `open` comes first. */
export function recognizerHandlers(build: Build): Handlers {
  let opened: Open | undefined
  const current = () => {
    if (opened) return opened.recognizer
    throw new BrowserError('BROWSER_USE', 'nothing is open yet')
  }
  return {
    async open(args: OpenArgs, call: Call): Promise<Opened> {
      const runtime = new Runtime(build, args)
      opened = await open(runtime, args, call)
      const { model, thresholds, preprocessing } = opened.recognizer
      return { model, thresholds, preprocessing, runtime: runtime.info }
    },
    detect: ({ photo, options }: PhotoArgs<FaceOptions>, { signal }) =>
      current().detect(photo, { ...options, signal }),
    embed: ({ photo, options }: PhotoArgs<EmbedOptions>, { signal }) =>
      current().embed(photo, { ...options, signal }),
    embedOne: ({ photo, options }: PhotoArgs<EmbedOneOptions>, { signal }) =>
      current().embedOne(photo, { ...options, signal }),
    verify: (
      { a, b, options }: { a: SentPhoto; b: SentPhoto; options: VerifyOptions },
      { signal },
    ) => current().verify(a, b, { ...options, signal }),
    async close() {
      await opened?.recognizer.close()
    },
  }
}

async function open(
  runtime: Runtime,
  { models, cache, minScore, maxPixels, quality = {}, ...options }: OpenArgs,
  { signal, progress }: Call,
): Promise<Open> {
  limitsOf(quality)
  const given =
    options.thresholds && checkThresholds(options.thresholds, 'Recognizer.open: thresholds')
  const loaded = await loadModels(models, { cache, signal, onProgress: progress })
  const sourceOf = ({ name, bytes }: { name: string; bytes: Uint8Array }) =>
    runtime.source(name, bytes)
  const embedder = await Embedder.open(sourceOf(loaded.embedder), {
    preprocessing: options.preprocessing,
    packPreprocessing: loaded.preprocessing,
  })
  try {
    signal.throwIfAborted()
    const detector = await Detector.open(sourceOf(loaded.detector), {
      minScore,
      landmarks: loaded.landmarks && sourceOf(loaded.landmarks),
    })
    const finder = new FaceFinder(detector, quality)
    const { metadata, dim } = embedder
    const recognizer = new Recognizer<SentPhoto>({
      model: { name: loaded.name, sha256: loaded.embedder.sha256, dim },
      thresholds: given ?? loaded.thresholds ?? (metadata && thresholdsOf(metadata)),
      finder,
      embedder,
      photos: photoReader(maxPixels),
    })
    return { recognizer, finder, embedder }
  } catch (error) {
    await embedder.close()
    throw error
  }
}
