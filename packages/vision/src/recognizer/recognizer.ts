import type { Preprocessing, Thresholds } from '@arcface/onnx'
import type { EyeReader } from '../challenge/eyes.js'
import { FaceChallenge, type FaceChallengeOptions } from '../challenge/face-challenge.js'
import type { Embedder } from '../embedder/embedder.js'
import type { PreprocessingSource } from '../embedder/preprocessing.js'
import { VisionError } from '../errors.js'
import { FACES, ONE_FACE, type OneFace } from '../faces/choose.js'
import type { CutFace, Face, FaceFinder, FindOptions } from '../faces/finder.js'
import type { Photo } from '../image/photo.js'
import { IMAGE_BYTES } from '../image/size.js'
import { Lazy } from '../lazy.js'
import type { LivenessChecker } from '../liveness/checker.js'
import { checkOptions, type Kinds } from '../options.js'
import { gradeOf } from '../quality/grade.js'
import { judgeFace, PURPOSES } from '../quality/limits.js'
import type { Random } from '../random/random.js'
import { cosine } from '../similarity/cosine.js'
import { comparedProbability } from '../threshold/probability.js'
import { chooseThreshold, type ThresholdOptions, verdictOf } from '../threshold/threshold.js'
import { FaceFollower } from '../track/follower.js'
import { PhotoChallenge } from './challenge.js'
import { Limit } from './limit.js'
import { noLiveness } from './no-liveness.js'
import type { EmbeddedFace, LiveFace, ModelIdentity, Verification } from './results.js'

/** How the photographs of a runtime are read. */
export interface PhotoReader<Source> {
  /** Reads a photograph and works with it. @param name what errors call one that has no name of its own */
  use<T>(
    source: Source,
    options: { readonly name?: string | undefined; readonly signal?: AbortSignal | undefined },
    work: (photo: Photo) => Promise<T>,
  ): Promise<T>
  /** What messages call a photograph, never its content. */
  nameOf(source: Source, otherwise?: string): string
  /** An aligned face, 112 x 112 x 3, as a JPEG of some 4 kB. */
  thumbnail(pixels: Uint8Array): Promise<Uint8Array>
}

/** What a recognizer is made of; it owns finder and embedder. */
export interface RecognizerParts<Source> {
  /** What the embeddings come from. */
  readonly model: ModelIdentity
  /** The model's own: of its pack or of the file's metadata. */
  readonly thresholds: Thresholds | undefined
  readonly finder: FaceFinder
  readonly embedder: Embedder
  readonly photos: PhotoReader<Source>
  /** Opens what tells living faces from pictures of them; asked when the first call wants it. */
  readonly liveness?: (() => Promise<LivenessChecker>) | undefined
  /** Opens what sees a blink; asked by the first challenge. */
  readonly eyes?: (() => Promise<EyeReader | undefined>) | undefined
}

export interface FaceOptions extends Omit<FindOptions, 'name'> {
  /** Say of each face whether it looks like a living one, in its `liveness`; never an error where it does not. */
  readonly liveness?: boolean | undefined
  /** Told after each step how long it took: to read a photograph, find its faces and look whether they live; to embed them. */
  readonly onStep?: ((step: 'find' | 'embed', milliseconds: number) => void) | undefined
}

export interface EmbedOptions extends FaceOptions {
  /** Add the embedding of the mirror image. */
  readonly flip?: boolean
  /** Add the aligned face as a picture. */
  readonly thumbnails?: boolean
}

/** Where one face of a photograph is meant. */
export interface EmbedOneOptions extends EmbedOptions {
  /** Default: the largest. */
  readonly faces?: OneFace | undefined
}

export interface VerifyOptions extends EmbedOneOptions, ThresholdOptions {}

const DETECT: Kinds<FaceOptions> = {
  liveness: 'boolean',
  small: 'boolean',
  once: 'boolean',
  minScore: 'number',
  faces: FACES,
  whole: 'boolean',
  quality: 'any',
  purpose: PURPOSES,
  onStep: 'function',
  signal: 'signal',
}
const EMBED: Kinds<EmbedOptions> = { ...DETECT, flip: 'boolean', thumbnails: 'boolean' }
const EMBED_ONE: Kinds<EmbedOneOptions> = { ...EMBED, faces: ONE_FACE }
const VERIFY: Kinds<VerifyOptions> = {
  ...EMBED,
  faces: ONE_FACE,
  far: 'number',
  threshold: 'number',
}

/**
 * Detects, embeds and compares the faces of photographs. Calls may run at once, as many as one likes: so many are in
 * work as fill the cores, the others wait. A signal ends a call between two steps.
 */
export class Recognizer<Source> {
  /** What the embeddings come from. */
  readonly model: ModelIdentity
  /** The model's own: of its pack or of the file's metadata. */
  readonly thresholds: Thresholds | undefined
  readonly #parts: RecognizerParts<Source>
  readonly #limit: Limit
  readonly #running = new Set<Promise<unknown>>()
  readonly #checker: Lazy<LivenessChecker>
  readonly #eyes: Lazy<EyeReader | undefined>
  #closed = false

  constructor(parts: RecognizerParts<Source>) {
    this.model = parts.model
    this.thresholds = parts.thresholds
    this.#parts = parts
    this.#checker = new Lazy(parts.liveness ?? noLiveness)
    this.#eyes = new Lazy(parts.eyes ?? (async () => undefined))
    // One more than the networks work on: it is decoded meanwhile.
    this.#limit = new Limit(parts.embedder.parallel + 1)
  }

  /**
   * The faces of a photograph, the most certain first; none if it shows none.
   * @throws VisionError VISION_MANY_FACES (`only`), VISION_USE (closed); what reader and runtime throw; the signal's reason
   */
  detect(source: Source, options: FaceOptions = {}): Promise<Face[]> {
    const check = () => checkOptions('detect', options, DETECT)
    return this.#work(options, check, async () =>
      (await this.#cut(source, options)).map(({ pixels: _, ...face }) => face),
    )
  }

  /**
   * The faces of a photograph, and whether each looks like a living one or like a picture of one; none if it shows none.
   * @throws VisionError VISION_USE (no network for it), VISION_LIVENESS; else as `detect`
   */
  async liveness(source: Source, options: Omit<FaceOptions, 'liveness'> = {}): Promise<LiveFace[]> {
    const faces = await this.detect(source, { ...options, liveness: true })
    return faces as LiveFace[]
  }

  /**
   * The faces of a photograph with their embeddings, the most certain first, also of those `rejected`; none if it shows
   * none. Errors as `detect`.
   */
  embed(source: Source, options: EmbedOptions = {}): Promise<EmbeddedFace[]> {
    return this.#embed(source, options, undefined, () => checkOptions('embed', options, EMBED))
  }

  /**
   * The largest face of a photograph, or the one that `faces` says, with its embedding, also if it is `rejected`.
   * @throws VisionError VISION_NO_FACE; else as `detect`
   */
  async embedOne(source: Source, options: EmbedOneOptions = {}): Promise<EmbeddedFace> {
    checkOptions('embedOne', options, EMBED_ONE)
    return this.#one(source, options)
  }

  #embed(
    source: Source,
    options: EmbedOptions,
    name?: string,
    check?: () => void,
  ): Promise<EmbeddedFace[]> {
    const { embedder, photos } = this.#parts
    return this.#work(options, check, async () => {
      const faces = await this.#cut(source, options, name)
      options.signal?.throwIfAborted()
      const images = new Uint8Array(faces.length * IMAGE_BYTES)
      faces.forEach(({ pixels }, i) => {
        images.set(pixels, i * IMAGE_BYTES)
      })
      const started = performance.now()
      const flip = options.flip === true
      const { rows, norms } = await embedder.embedWithNorms(images, faces.length, { flip })
      options.onStep?.('embed', performance.now() - started)
      const { dim } = this.model
      return Promise.all(
        faces.map(async ({ pixels, ...face }, i) => ({
          ...face,
          ...this.#graded(face, norms?.[i], options),
          embedding: rows.slice(i * dim, (i + 1) * dim),
          ...(options.thumbnails && { thumbnail: await photos.thumbnail(pixels) }),
        })),
      )
    })
  }

  /** What the length of its embedding tells of a face. */
  #graded(face: Face, norm: number | undefined, options: EmbedOptions) {
    const usual = this.thresholds?.norm
    if (norm === undefined) return {}
    if (usual === undefined) return { norm }
    const grade = gradeOf(face.quality, norm / usual)
    const limits = this.#parts.finder.limits(options)
    return { norm, grade, rejected: judgeFace({ ...face, grade }, limits) }
  }

  /**
   * Whether the largest faces of two photographs, or those that `faces` says, are the same person's; where one of them is
   * rejected, it is not said.
   * @throws VisionError VISION_NO_FACE, VISION_MANY_FACES, VISION_USE (a FAR without a threshold); else as `detect`
   */
  async verify(a: Source, b: Source, options: VerifyOptions = {}): Promise<Verification> {
    checkOptions('verify', options, VERIFY)
    const { far, threshold } = options
    const chosen = chooseThreshold(this.thresholds, { far, threshold })
    const [first, second] = await Promise.all([
      this.#one(a, options, 'the first photograph'),
      this.#one(b, options, 'the second photograph'),
    ])
    const similarity = cosine(first.embedding, second.embedding)
    const rejected = [...new Set([...first.rejected, ...second.rejected])]
    const same = verdictOf(chosen, similarity, rejected)
    const probability = comparedProbability(this.thresholds, similarity, rejected)
    return { similarity, ...chosen, same, ...probability, rejected, a: first, b: second }
  }

  /**
   * Asks who stands before a camera to turn the head, close the eyes for a moment and come nearer; photographs that come
   * one after another are its frames.
   * @param random draws the order: seeded by what nobody foresees
   * @throws VisionError VISION_USE (also: closed); what opening the network of eyes throws
   */
  async challenge(
    random: Random,
    options: FaceChallengeOptions = {},
  ): Promise<PhotoChallenge<Source>> {
    const { embedder, finder, photos } = this.#parts
    const eyes = await this.#work({}, undefined, () => this.#eyes.open())
    const { thresholds } = this
    const challenge = new FaceChallenge<undefined>({ embedder, thresholds, eyes }, random, options)
    const follower = new FaceFollower(finder, embedder, { embed: false })
    return new PhotoChallenge(challenge, (source, time, signal) =>
      this.#work({ signal }, undefined, () =>
        photos.use(source, { signal }, (photo) => follower.follow(photo, time)),
      ),
    )
  }

  /** Of the detector: YuNet, SCRFD or UltraFace. */
  get detector(): string {
    return this.#parts.finder.kind
  }

  /** What is done to pixels before the network, and who said so. */
  get preprocessing(): {
    readonly preprocessing: Preprocessing
    readonly source: PreprocessingSource
  } {
    const { preprocessing, preprocessingSource: source } = this.#parts.embedder
    return { preprocessing, source }
  }

  /** So many photographs are in work at once; the others wait. */
  get parallel(): number {
    return this.#parts.embedder.parallel
  }

  /** Waits for the calls in work, then frees the networks. Calling it again does nothing. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    const { finder, embedder } = this.#parts
    await Promise.all([finder.close(), embedder.close(), this.#checker.close(), this.#eyes.close()])
  }

  async #one(
    source: Source,
    options: EmbedOneOptions,
    name = 'the photograph given',
  ): Promise<EmbeddedFace> {
    const [face] = await this.#embed(source, { faces: 'largest', ...options }, name)
    if (face) return face
    const called = this.#parts.photos.nameOf(source, name)
    throw new VisionError('VISION_NO_FACE', `${called} shows no face`)
  }

  /** @param check throws where the options are none */
  #work<T>(
    options: { readonly signal?: AbortSignal | undefined },
    check: (() => void) | undefined,
    body: () => Promise<T>,
  ): Promise<T> {
    try {
      if (this.#closed) throw new VisionError('VISION_USE', 'the recognizer is already closed')
      check?.()
    } catch (error) {
      return Promise.reject(error)
    }
    const running = this.#limit.run(options.signal, body)
    this.#running.add(running)
    const done = () => this.#running.delete(running)
    running.then(done, done)
    return running
  }

  async #cut(source: Source, options: FaceOptions, name?: string): Promise<CutFace[]> {
    const { finder, photos } = this.#parts
    const called = photos.nameOf(source, name)
    const checker = options.liveness ? await this.#checker.open() : undefined
    const started = performance.now()
    const faces = await photos.use(source, { name, signal: options.signal }, async (photo) => {
      const found = await finder.find(photo, { ...options, name: called })
      options.signal?.throwIfAborted()
      return checker ? checker.checkAll(photo, found) : found
    })
    options.onStep?.('find', performance.now() - started)
    return faces
  }
}
