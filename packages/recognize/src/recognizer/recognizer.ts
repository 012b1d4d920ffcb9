import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/data'
import {
  checkThresholds,
  type Preprocessing,
  type PreprocessingInput,
  type Thresholds,
} from '@arcface/data/onnx'
import sharp from 'sharp'
import { alignFace } from '../align/align.js'
import { type DetectOptions, Detector } from '../detect/detector.js'
import { Embedder } from '../embedder/embedder.js'
import type { PreprocessingSource } from '../embedder/preprocessing.js'
import { cosine } from '../embeddings/cosine.js'
import { RecognizeError } from '../errors.js'
import { photoHash } from '../gallery/content.js'
import { FACE, type NewFace } from '../gallery/enroll.js'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import type { Filter } from '../gallery/identify.js'
import { checkModel, type GalleryModel, galleryModel } from '../gallery/model.js'
import type { StoreOptions } from '../gallery/store.js'
import { DEFAULT_PACK } from '../models/registry.js'
import { checkOptions, type Kinds } from '../options.js'
import { checkMaxPixels, usePhoto } from '../photo/photo.js'
import { atHand, nameOf, type PhotoSource } from '../photo/source.js'
import { chooseFaces, FACES, type Faces, ONE_FACE, type OneFace } from '../prepare/choose.js'
import { limitsOf, type QualityOption, reasonsOf, rejectionsOf } from '../quality/limits.js'
import { qualityOf } from '../quality/quality.js'
import { Limit } from './limit.js'
import { findDetector, findEmbedder, ownThresholds } from './parts.js'
import type {
  EmbeddedFace,
  Face,
  IdentifiedFace,
  ModelIdentity,
  PersonVerification,
  Verification,
} from './results.js'
import {
  choosePersonThreshold,
  chooseSearchThreshold,
  chooseThreshold,
  type SearchThresholdOptions,
  type ThresholdOptions,
} from './threshold.js'

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
  /** Threads for each of the photographs in work; together they fill the cores. Default: a quarter of the cores. */
  readonly threads?: number
  /** Where packs lie. Default: ARCFACE_CACHE, XDG_CACHE_HOME/arcface or ~/.cache/arcface. */
  readonly cache?: string
}

export interface FaceOptions extends DetectOptions {
  /** Which faces of a photograph. Default: all. */
  readonly faces?: Faces
  /** For this call in place of the recognizer's own. */
  readonly quality?: QualityOption
  readonly signal?: AbortSignal
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
  readonly faces?: OneFace
}

export interface VerifyOptions extends EmbedOneOptions, ThresholdOptions {}

/** A `thumbnail` of the caller's own goes before the aligned face of `thumbnails`. */
export interface EnrollOptions extends EmbedOneOptions, Omit<NewFace, 'embedding'> {}

export interface IdentifyPhotoOptions extends EmbedOptions, SearchThresholdOptions {
  /** People at most for each face. Default 1. */
  readonly top?: number
  readonly filter?: Filter
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
  cache: 'text',
}
const DETECT: Kinds<FaceOptions> = {
  small: 'boolean',
  faces: FACES,
  quality: 'any',
  signal: 'signal',
}
const EMBED: Kinds<EmbedOptions> = { ...DETECT, flip: 'boolean', thumbnails: 'boolean' }
const VERIFY: Kinds<VerifyOptions> = {
  ...EMBED,
  faces: ONE_FACE,
  far: 'number',
  threshold: 'number',
}
const ENROLL: Kinds<EnrollOptions> = { ...EMBED, faces: ONE_FACE, ...FACE }
const IDENTIFY: Kinds<IdentifyPhotoOptions> = {
  ...EMBED,
  far: 'number',
  fpir: 'number',
  threshold: 'number',
  top: 'number',
  filter: 'any',
}

/** A face cut out of its photograph. */
interface CutFace extends Face {
  /** Aligned, 112 x 112 x 3. */
  readonly pixels: Uint8Array
}

/**
 * Detects, embeds and compares the faces of photographs. Calls may run at once, as many as one likes: so many are in
 * work as fill the cores, the others wait. A signal ends a call between two steps.
 */
export class Recognizer {
  readonly #limit: Limit
  readonly #running = new Set<Promise<unknown>>()
  #closed = false
  #galleryModel: Promise<GalleryModel> | undefined

  private constructor(
    /** What the embeddings come from. */
    readonly model: ModelIdentity,
    /** The model's own: of its pack or of the file's metadata. */
    readonly thresholds: Thresholds | undefined,
    private readonly detector: Detector,
    private readonly embedder: Embedder,
    private readonly maxPixels: number | undefined,
    private readonly quality: QualityOption,
  ) {
    // One more than the networks work on: it is decoded meanwhile.
    this.#limit = new Limit(embedder.parallel + 1)
  }

  /**
   * Loads detector and embedder.
   * @throws RecognizeError RECOGNIZE_PACK (not installed: the message says how), RECOGNIZE_LOAD, RECOGNIZE_DETECTOR,
   *   RECOGNIZE_MODEL_SHAPE, RECOGNIZE_PREPROCESSING, RECOGNIZE_USE; OnnxError
   */
  static async open(options: RecognizerOptions = {}): Promise<Recognizer> {
    checkOptions('Recognizer.open', options, OPEN)
    const { model = DEFAULT_PACK, cache, minScore, maxPixels, quality = {} } = options
    if (maxPixels !== undefined) checkMaxPixels(maxPixels)
    limitsOf(quality)
    const given =
      options.thresholds && checkThresholds(options.thresholds, 'Recognizer.open: thresholds')
    const threads = options.threads !== undefined && { threads: options.threads }
    const found = await findEmbedder(model, cache)
    const { path, landmarks } = await findDetector(options.detector, model, cache)
    const detector = await Detector.open(path, {
      ...threads,
      ...(landmarks !== undefined && { landmarks }),
      ...(minScore !== undefined && { minScore }),
    })
    try {
      const embedder = await Embedder.open(found.path, {
        ...threads,
        preprocessing: options.preprocessing,
        packPreprocessing: found.preprocessing,
      })
      const { metadata, dim } = embedder
      const thresholds = given ?? ownThresholds(found, metadata)
      const identity = { name: found.name, sha512: found.sha512, dim }
      return new Recognizer(identity, thresholds, detector, embedder, maxPixels, quality)
    } catch (error) {
      await detector.close()
      throw error
    }
  }

  /**
   * The faces of a photograph, the most certain first; none if it shows none.
   * @throws RecognizeError RECOGNIZE_PHOTO, RECOGNIZE_MANY_FACES (`only`), RECOGNIZE_RUN, RECOGNIZE_USE (closed); the
   *   signal's reason
   */
  detect(source: PhotoSource, options: FaceOptions = {}): Promise<Face[]> {
    const check = () => checkOptions('detect', options, DETECT)
    return this.#work(options, check, async () =>
      (await this.#cut(source, options)).map(({ pixels: _, ...face }) => face),
    )
  }

  /**
   * The faces of a photograph with their embeddings, the most certain first, also of those `rejected`; none if it shows
   * none. Errors as `detect`.
   */
  embed(source: PhotoSource, options: EmbedOptions = {}): Promise<EmbeddedFace[]> {
    return this.#embed(source, options, undefined, () => checkOptions('embed', options, EMBED))
  }

  #embed(
    source: PhotoSource,
    options: EmbedOptions,
    name?: string,
    check?: () => void,
  ): Promise<EmbeddedFace[]> {
    return this.#work(options, check, async () => {
      const faces = await this.#cut(source, options, name)
      options.signal?.throwIfAborted()
      const images = new Uint8Array(faces.length * IMAGE_BYTES)
      faces.forEach(({ pixels }, i) => {
        images.set(pixels, i * IMAGE_BYTES)
      })
      const rows = await this.embedder.embed(images, faces.length, { flip: options.flip === true })
      const { dim } = this.model
      return Promise.all(
        faces.map(async ({ pixels, ...face }, i) => ({
          ...face,
          embedding: rows.slice(i * dim, (i + 1) * dim),
          ...(options.thumbnails && { thumbnail: await jpegOf(pixels) }),
        })),
      )
    })
  }

  /**
   * Whether the largest faces of two photographs, or those that `faces` says, are the same person's; where one of them is
   * rejected, it is not said.
   * @throws RecognizeError RECOGNIZE_NO_FACE, RECOGNIZE_MANY_FACES, RECOGNIZE_USE (a FAR without a threshold); else as `detect`
   */
  async verify(a: PhotoSource, b: PhotoSource, options: VerifyOptions = {}): Promise<Verification> {
    checkOptions('verify', options, VERIFY)
    const { far, threshold } = options
    const chosen = chooseThreshold(this.thresholds, { far, threshold })
    const [first, second] = await Promise.all([
      this.#one(a, options, 'the first photograph'),
      this.#one(b, options, 'the second photograph'),
    ])
    const similarity = cosine(first.embedding, second.embedding)
    const rejected = [...new Set([...first.rejected, ...second.rejected])]
    const unknown = chosen.threshold === null || rejected.length > 0
    const same = unknown ? null : similarity > chosen.threshold!
    return { similarity, ...chosen, same, rejected, a: first, b: second }
  }

  /**
   * Whether the largest face of a photograph, or the one that `faces` says, is this person's of a gallery: 1:1, by the
   * most similar of the person's faces. The false accept rate is that of the verdict, so that the threshold is the higher
   * the more faces there are.
   * @throws RecognizeError GALLERY_MODEL, GALLERY_PERSON; else as `verify`
   */
  async verifyPerson(
    gallery: Gallery,
    photo: PhotoSource,
    name: string,
    options: VerifyOptions = {},
  ): Promise<PersonVerification> {
    checkOptions('verifyPerson', options, VERIFY)
    checkModel(gallery.model, await this.#modelOfGalleries(), 'the gallery')
    const { far, threshold } = options
    const given = { far, threshold }
    chooseThreshold(this.thresholds, given) // what is wrong with the options is said before the work
    const { name: person } = await gallery.person(name)
    const a = await this.#one(photo, options)
    const { source: faceSource, ...compared } = await gallery.compare(name, a.embedding)
    const chosen = choosePersonThreshold(this.thresholds, given, compared.faces)
    const { rejected } = a
    const unknown = chosen.threshold === null || rejected.length > 0
    const same = unknown ? null : compared.similarity > chosen.threshold!
    return { person, ...compared, ...chosen, faceSource, same, rejected, a }
  }

  /** Opens a gallery of this model's embeddings, or makes one where none is. Errors as `openGallery`. */
  async openGallery(path: string, options: Omit<StoreOptions, 'model'> = {}): Promise<Gallery> {
    return openGallery(path, { ...options, model: await this.#modelOfGalleries() })
  }

  /**
   * Adds a face of a photograph, the largest by default, to a gallery; `enrollFolder` does it for many photographs.
   * @returns the face's id
   * @throws RecognizeError GALLERY_MODEL, RECOGNIZE_NO_FACE, RECOGNIZE_MANY_FACES, RECOGNIZE_POOR_FACE (the face is
   *   rejected); as `detect`, and as the gallery's `enroll`
   */
  async enroll(gallery: Gallery, photo: PhotoSource, options: EnrollOptions): Promise<string> {
    checkOptions('enroll', options, ENROLL)
    checkModel(gallery.model, await this.#modelOfGalleries(), 'the gallery')
    const { small: _, signal: __, flip: ___, faces: ____, thumbnails: _____, ...rest } = options
    const { quality: ______, ...face } = rest
    const source = await atHand(photo)
    const { embedding, thumbnail, rejected, quality } = await this.#one(source, options)
    if (rejected.length > 0) throw poorFace(nameOf(source), reasonsOf(rejected, quality))
    const hash = await photoHash(source)
    const [id] = await gallery.enroll([
      { ...(thumbnail && { thumbnail }), ...(hash && { photo: hash }), ...face, embedding },
    ])
    return id!
  }

  /**
   * Who is in a photograph: for each face the people of a gallery above the threshold, which follows from the model's
   * own, the rate accepted (`fpir`, by default 1e-2 a search) and the number of faces searched, unless one is given.
   * Where neither names one, nobody: a `warning` says so; `threshold: -1` gives the most similar people whoever they are.
   * A face that is rejected is nobody's.
   * @throws RecognizeError GALLERY_MODEL, RECOGNIZE_USE; as `detect`, and as the gallery's `identify`
   */
  async identify(
    gallery: Gallery,
    photo: PhotoSource,
    options: IdentifyPhotoOptions = {},
  ): Promise<IdentifiedFace[]> {
    checkOptions('identify', options, IDENTIFY)
    checkModel(gallery.model, await this.#modelOfGalleries(), 'the gallery')
    const { top = 1, filter = {}, far, fpir, threshold } = options
    const choose = (among: number) =>
      chooseSearchThreshold(this.thresholds, { far, fpir, threshold }, among)
    choose(1) // what is wrong with the options is said before the work
    const faces = await this.#embed(photo, options)
    const found = await gallery.identifyMany(
      faces.map(({ embedding }) => embedding),
      { top, filter, threshold: (searched) => choose(searched.faces).threshold ?? 1 },
    )
    return faces.map((face, i) => {
      const { searched, matches } = found[i]!
      const chosen = choose(searched.faces)
      const unknown = chosen.threshold === null || face.rejected.length > 0
      return { ...face, ...chosen, searched, matches: unknown ? [] : matches }
    })
  }

  /** What is done to pixels before the network, and who said so. */
  get preprocessing(): {
    readonly preprocessing: Preprocessing
    readonly source: PreprocessingSource
  } {
    const { preprocessing, preprocessingSource: source } = this.embedder
    return { preprocessing, source }
  }

  /** Waits for the calls in work, then frees the networks. Calling it again does nothing. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    await Promise.all([this.detector.close(), this.embedder.close()])
  }

  #modelOfGalleries(): Promise<GalleryModel> {
    this.#galleryModel ??= galleryModel(this.embedder, this.model.name)
    return this.#galleryModel
  }

  async #one(
    source: PhotoSource,
    options: EmbedOneOptions,
    name = 'the photograph given',
  ): Promise<EmbeddedFace> {
    const [face] = await this.#embed(source, { faces: 'largest', ...options }, name)
    if (face) return face
    throw new RecognizeError('RECOGNIZE_NO_FACE', `${nameOf(source, name)} shows no face`)
  }

  /** @param check throws where the options are none */
  #work<T>(
    options: { readonly signal?: AbortSignal },
    check: (() => void) | undefined,
    body: () => Promise<T>,
  ): Promise<T> {
    try {
      if (this.#closed)
        throw new RecognizeError('RECOGNIZE_USE', 'the recognizer is already closed')
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

  async #cut(source: PhotoSource, options: FaceOptions, name?: string): Promise<CutFace[]> {
    const { faces = 'all', signal, small = false, quality: own = this.quality } = options
    const limits = limitsOf(own === false ? own : { ...this.quality, ...own })
    return usePhoto(source, { name, signal, maxPixels: this.maxPixels }, async (photo) => {
      signal?.throwIfAborted()
      const all = await this.detector.detect(photo, { small })
      signal?.throwIfAborted()
      const cut = all.map((face): CutFace => {
        const { box, points, score } = face
        const pixels = alignFace(photo, points)
        const quality = qualityOf(face, pixels)
        return { box, points, score, quality, rejected: rejectionsOf(quality, limits), pixels }
      })
      // Where one is meant, a pattern beside it is not counted. A poor face is: a smaller one in its place would be another's.
      const likely = cut.filter(({ rejected }) => rejected.join() !== 'implausible')
      const among = faces !== 'all' && likely.length > 0 ? likely : cut
      return chooseFaces(among, faces, photo, nameOf(source, name))
    })
  }
}

const poorFace = (name: string, reasons: string) =>
  new RecognizeError(
    'RECOGNIZE_POOR_FACE',
    `${name}: the face is ${reasons}; take a better photograph, or set other limits (quality)`,
  )

/** An aligned face as a JPEG of some 4 kB. */
const jpegOf = async (pixels: Uint8Array): Promise<Uint8Array> =>
  sharp(pixels, { raw: { width: IMAGE_SIZE, height: IMAGE_SIZE, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer()
