import type { Thresholds } from '@arcface/onnx'
import {
  type EmbeddedFace,
  type EmbedOneOptions,
  type EmbedOptions,
  type Enrolled,
  type Face,
  type FaceOptions,
  type IdentifiedFace,
  type IdentifyPhotoOptions,
  kindOf,
  type LiveFace,
  type ModelIdentity,
  type NewFace,
  type Verification,
  type VerifyOptions,
} from '@arcface/vision'
import { BrowserError } from '../errors.js'
import type { GalleryOptions } from '../gallery/about.js'
import { closeGallery, Gallery } from '../gallery/gallery.js'
import type { DownloadProgress } from '../models/progress.js'
import {
  absolute,
  absoluteModels,
  absolutePack,
  type ModelsGiven,
  type PackGiven,
} from '../models/source.js'
import { DEVICES, type RuntimeInfo } from '../network/devices.js'
import { checkOptions, type Kinds, messageOf } from '../options.js'
import { type PhotoSource, sending } from '../photo/source.js'
import { type AskOptions, Remote } from '../rpc/client.js'
import type { OpenArgs, RecognizerInfo } from './messages.js'

/** Where ONNX Runtime's files lie: a folder's address, or those of the files. */
export type WasmPaths = string | URL | { readonly wasm?: string | URL; readonly mjs?: string | URL }

/** WebGPU: `webgpu` of @arcface/browser/webgpu, or that with other values. */
export interface WebGpu {
  /** Makes the worker that has it, where `worker` makes none. */
  readonly worker: () => Worker
  /** Default `faster`: WebGPU where a warm-up of the models is faster by it and gives the same, else WebAssembly. */
  readonly device?: (typeof DEVICES)[number]
  /** Of the build that has WebGPU. Default: as `wasmPaths` of the recognizer. */
  readonly wasmPaths?: WasmPaths
}

/** Which networks say whether a face is living, and from which score on it is. */
export interface LivenessChoice {
  /** A pack that has some. Default: that of `models`. */
  readonly pack?: PackGiven | undefined
  /** Least score of a living face, 0 to 1. Default: the pack's first point. */
  readonly threshold?: number | undefined
}

export interface RecognizerOptions
  extends Omit<OpenArgs, 'models' | 'wasmPaths' | 'webgpu' | 'liveness'> {
  /** The address of a pack's `pack.json` or folder; or detector and embedder, each an address or the file itself. */
  readonly models: ModelsGiven
  /** Networks for `liveness`, loaded when it is first asked for. */
  readonly liveness?: LivenessChoice | undefined
  /** Default: where the bundler has put them. */
  readonly wasmPaths?: WasmPaths
  /** `webgpu` of @arcface/browser/webgpu. Default: WebAssembly alone. */
  readonly webgpu?: WebGpu | undefined
  /** Makes the worker where a bundler does not understand `new Worker(new URL('./worker.js', import.meta.url))`. */
  readonly worker?: (() => Worker) | undefined
  /** Told how far each download is. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const OPEN: Kinds<RecognizerOptions> = {
  models: 'any',
  wasmPaths: 'any',
  webgpu: 'any',
  worker: 'function',
  onProgress: 'function',
  signal: 'signal',
  threads: 'number',
  cache: 'boolean',
  gallery: 'any',
  preprocessing: 'any',
  thresholds: 'any',
  minScore: 'number',
  maxPixels: 'number',
  quality: 'any',
  liveness: 'any',
}

const WEBGPU: Kinds<WebGpu> = { worker: 'function', device: DEVICES, wasmPaths: 'any' }
const WASM_PATHS: Kinds<Exclude<WasmPaths, string | URL>> = { wasm: 'any', mjs: 'any' }
const LIVENESS: Kinds<LivenessChoice> = { pack: 'any', threshold: 'number' }
const GALLERY: Kinds<GalleryOptions> = { name: 'text', encrypted: 'boolean', key: 'any' }

/** What works in the worker of a recognizer beside it. */
export interface Link {
  /** Errors as `Remote`; BrowserError BROWSER_USE: the recognizer is closed. */
  ask<T>(call: string, args: unknown, options?: AskOptions): Promise<T>
  /** Calls back before the recognizer closes. @returns what ends that */
  onClose(end: () => void): () => void
}

export let linkOf: (recognizer: Recognizer) => Link

/**
 * Detects, embeds and compares the faces of photographs in a page, in a worker of its own: the same code as in Node, and
 * the same numbers. Calls may run at once; a signal ends one between two steps.
 */
export class Recognizer {
  /** What the embeddings come from. */
  readonly model: ModelIdentity
  /** The model's own, or those given: by false accept rate. */
  readonly thresholds: Thresholds | undefined
  /** What is done to pixels before the network, and who said so. */
  readonly preprocessing: RecognizerInfo['preprocessing']
  /** How networks run here. */
  readonly runtime: RuntimeInfo
  /** The people whom the browser keeps for this page. */
  readonly gallery: Gallery
  readonly #remote: Remote
  readonly #running = new Set<Promise<unknown>>()
  readonly #ends = new Set<() => void>()
  #closed = false

  static {
    linkOf = (recognizer) => ({
      ask: (call, args, options) =>
        recognizer.#work(() => recognizer.#remote.ask(call, args, options)),
      onClose(end) {
        recognizer.#ends.add(end)
        return () => recognizer.#ends.delete(end)
      },
    })
  }

  private constructor(
    remote: Remote,
    { model, thresholds, preprocessing, runtime }: RecognizerInfo,
    name: string | undefined,
  ) {
    this.#remote = remote
    this.gallery = new Gallery(
      (call, args, options) => this.#work(() => remote.ask(call, args, options)),
      name,
    )
    this.model = model
    this.thresholds = thresholds
    this.preprocessing = preprocessing
    this.runtime = runtime
  }

  /**
   * Starts the worker and loads the models.
   * @throws BrowserError; VisionError VISION_DETECTOR, VISION_MODEL_SHAPE, VISION_PREPROCESSING, VISION_USE; OnnxError; the
   *   signal's reason
   */
  static async open(options: RecognizerOptions): Promise<Recognizer> {
    checkOptions('Recognizer.open', options, OPEN)
    const { gallery } = options
    if (gallery) checkOptions('Recognizer.open: gallery', gallery, GALLERY)
    const { webgpu, liveness } = options
    if (liveness) checkOptions('Recognizer.open: liveness', liveness, LIVENESS)
    if (webgpu) checkOptions('Recognizer.open: webgpu', webgpu, WEBGPU)
    const { models, wasmPaths, worker, onProgress, signal, ...rest } = options
    checkLimits(rest)
    const base = globalThis.document?.baseURI ?? globalThis.location.href
    const args: OpenArgs = {
      ...rest,
      models: absoluteModels(models, base),
      liveness: liveness && {
        threshold: liveness.threshold,
        ...(liveness.pack !== undefined && {
          pack: absolutePack('liveness.pack', liveness.pack, base),
        }),
      },
      wasmPaths: wasmPaths && absolutePaths(wasmPaths, base),
      webgpu: webgpu && {
        device: webgpu.device,
        wasmPaths: webgpu.wasmPaths && absolutePaths(webgpu.wasmPaths, base),
      },
    }
    const remote = new Remote(started(worker ?? webgpu?.worker ?? startWorker))
    try {
      const opened = await remote.ask<RecognizerInfo>('open', args, { signal, onProgress })
      return new Recognizer(remote, opened, gallery === false ? undefined : gallery?.name)
    } catch (error) {
      remote.end()
      throw error
    }
  }

  /**
   * The faces of a photograph, the most certain first; none if it shows none.
   * @throws BrowserError BROWSER_PHOTO, BROWSER_USE, BROWSER_RUN; VisionError VISION_MANY_FACES (`only`), VISION_USE; the
   *   signal's reason
   */
  detect(photo: PhotoSource, options: FaceOptions = {}): Promise<Face[]> {
    return this.#ask('detect', photo, options)
  }

  /**
   * The faces of a photograph, and whether each looks like a living one or like a picture of one; none if it shows none.
   * Its networks come when they are first asked for.
   * @throws VisionError VISION_USE (no pack that has some), VISION_LIVENESS; BrowserError BROWSER_PACK, BROWSER_DOWNLOAD,
   *   BROWSER_CHECKSUM; else as `detect`
   */
  liveness(photo: PhotoSource, options: Omit<FaceOptions, 'liveness'> = {}): Promise<LiveFace[]> {
    return this.#ask('liveness', photo, options)
  }

  /** The faces of a photograph with their embeddings, the most certain first, also of those `rejected`. Errors as `detect`. */
  embed(photo: PhotoSource, options: EmbedOptions = {}): Promise<EmbeddedFace[]> {
    return this.#ask('embed', photo, options)
  }

  /**
   * The largest face of a photograph, or the one that `faces` says, with its embedding, also if it is `rejected`.
   * @throws VisionError VISION_NO_FACE; else as `detect`
   */
  embedOne(photo: PhotoSource, options: EmbedOneOptions = {}): Promise<EmbeddedFace> {
    return this.#ask('embedOne', photo, options)
  }

  /**
   * Whether the largest faces of two photographs, or those that `faces` says, are the same person's; where one of them is
   * rejected, it is not said.
   * @throws VisionError VISION_NO_FACE, VISION_MANY_FACES, VISION_USE (a FAR without a threshold); else as `detect`
   */
  verify(a: PhotoSource, b: PhotoSource, options: VerifyOptions = {}): Promise<Verification> {
    return this.#work(async () => {
      const { signal, rest } = apart('verify', options)
      const [first, second] = await Promise.all([
        sending(a, 'the first photograph'),
        sending(b, 'the second photograph'),
      ])
      const transfer = [...first.transfer, ...second.transfer]
      const args = { a: first.photo, b: second.photo, options: rest }
      return this.#remote.ask('verify', args, { transfer, signal })
    })
  }

  /**
   * Adds a face of a photograph, the largest by default, to the gallery. A photograph that came as a file or bytes and is
   * there already for the person is not added again.
   * @param face whose it is; a `thumbnail` of the caller's own goes before the aligned face of the option `thumbnails`
   * @returns the face's id, and whether it was there
   * @throws VisionError VISION_NO_FACE, VISION_MANY_FACES, VISION_POOR_FACE (the face is rejected, by the limits of
   *   enrolment unless `purpose` says otherwise); as `embedOne`, and as the gallery's `enroll`
   */
  enroll(
    photo: PhotoSource,
    face: Omit<NewFace, 'embedding'>,
    options: EmbedOneOptions = {},
  ): Promise<Enrolled> {
    return this.#ask('enroll', photo, options, { face })
  }

  /**
   * Who is in a photograph: for each face the people of the gallery above the threshold, which follows from the model's own,
   * the rate accepted (`fpir`, by default 1e-2 a search) and the number of faces searched, unless one is given. Where neither
   * names one, nobody: a `warning` says so; `threshold: -1` gives the most similar people whoever they are. A face that is
   * rejected is nobody's.
   * @throws VisionError VISION_USE; as `embed`, and as the gallery's `identify`
   */
  identify(photo: PhotoSource, options: IdentifyPhotoOptions = {}): Promise<IdentifiedFace[]> {
    return this.#ask('identify', photo, options)
  }

  /** Waits for the calls in work, then frees the networks and ends the worker. Calling it again does nothing. */
  async close(): Promise<void> {
    for (const end of this.#ends) end()
    this.#closed = true
    await Promise.allSettled(this.#running)
    await this.#remote.ask('close', {}).catch(() => {})
    closeGallery(this.gallery)
    this.#remote.end()
  }

  #ask<T>(
    call: string,
    source: PhotoSource,
    options: { readonly signal?: AbortSignal | undefined },
    more: object = {},
  ): Promise<T> {
    return this.#work(async () => {
      const { signal, rest } = apart(call, options)
      const { photo, transfer } = await sending(source)
      return this.#remote.ask(call, { photo, options: rest, ...more }, { transfer, signal })
    })
  }

  #work<T>(body: () => Promise<T>): Promise<T> {
    if (this.#closed)
      return Promise.reject(new BrowserError('BROWSER_USE', 'the recognizer is already closed'))
    const running = body()
    this.#running.add(running)
    const done = () => this.#running.delete(running)
    running.then(done, done)
    return running
  }
}

/** @throws BrowserError BROWSER_USE */
function checkLimits({ threads = 1, maxPixels = 1 }: Pick<OpenArgs, 'threads' | 'maxPixels'>) {
  if (!(Number.isInteger(threads) && threads >= 1))
    throw new BrowserError('BROWSER_USE', `threads: a whole number, 1 or more, not ${threads}`)
  if (!(maxPixels >= 1))
    throw new BrowserError('BROWSER_USE', `maxPixels: 1 or more, not ${maxPixels}`)
}

/** A signal stays with the page; the worker looks at the rest. @throws BrowserError BROWSER_USE */
function apart<T extends { readonly signal?: AbortSignal | undefined }>(call: string, options: T) {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new BrowserError('BROWSER_USE', `${call}: options are an object`)
  const { signal, ...rest } = options
  return { signal, rest }
}

/** @throws BrowserError BROWSER_WORKER, BROWSER_USE */
function started(make: () => Worker): Worker {
  const worker = attempted(make)
  if (typeof worker?.postMessage === 'function') return worker
  throw new BrowserError('BROWSER_USE', `Recognizer.open: worker makes ${kindOf(worker)}`, {
    hint: "Let it give the worker: () => new Worker('worker.js', { type: 'module' }).",
  })
}

function attempted(make: () => Worker): Worker {
  try {
    return make()
  } catch (cause) {
    throw new BrowserError('BROWSER_WORKER', `no worker can be started: ${messageOf(cause)}`, {
      cause,
      hint: "See that the page's Content-Security-Policy lets workers of its own start: worker-src 'self'.",
    })
  }
}

const startWorker = () => new Worker(new URL('../worker.js', import.meta.url), { type: 'module' })

function absolutePaths(paths: WasmPaths, base: string): NonNullable<OpenArgs['wasmPaths']> {
  if (typeof paths === 'string' || paths instanceof URL) return absolute(paths, base, 'wasmPaths')
  checkOptions('wasmPaths', paths, WASM_PATHS)
  const { wasm, mjs } = paths
  return {
    ...(wasm !== undefined && { wasm: absolute(wasm, base, 'wasmPaths.wasm') }),
    ...(mjs !== undefined && { mjs: absolute(mjs, base, 'wasmPaths.mjs') }),
  }
}
