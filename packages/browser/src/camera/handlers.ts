import {
  Capture,
  type Captured,
  type CutFace,
  type EmbeddedFace,
  FaceChallenge,
  type FaceChallengeOptions,
  FaceFollower,
  type FollowedFace,
  identifyFaces,
  type Photo,
  Random,
  sceneOf,
} from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { rgbOf, thumbnail } from '../photo/reader.js'
import type { Session } from '../recognizer/service.js'
import { type Handlers, Moved } from '../rpc/server.js'
import type {
  CapturedFace,
  FollowOptions,
  FrameArgs,
  IdentifiedTrack,
  SeenFace,
  SeenFrame,
  TrackFace,
} from './messages.js'

/** What cameras ask of the worker. */
export function cameraHandlers(session: Session): Handlers {
  const cameras = new Map<number, Camera>()
  let last = 0
  return {
    'camera.start': async (options: FollowOptions) => {
      const camera = new Camera(session, options)
      await camera.check()
      cameras.set(++last, camera)
      return last
    },
    'camera.frame': async (args: FrameArgs) => {
      const camera = cameras.get(args.camera)
      if (camera) return camera.frame(args)
      args.frame.close()
      throw new BrowserError('BROWSER_USE', 'the camera was stopped')
    },
    'camera.challenge': async ({ camera, options }: ChallengeArgs) =>
      cameras.get(camera)?.challenge(options),
    'camera.stop': async ({ camera }: { camera: number }) => {
      cameras.delete(camera)
    },
  }
}

interface ChallengeArgs {
  readonly camera: number
  /** Of a new challenge; left out: the one that runs ends. */
  readonly options?: FaceChallengeOptions | undefined
}

/** A track that was embedded. */
interface Known {
  readonly face: EmbeddedFace
  /** When it was looked for in the gallery. */
  readonly at: number
  /** What was found then, as a text. */
  readonly verdict: string
}

/** Who somebody is, is asked again after so many milliseconds. */
const AGAIN = 1000

/** What the worker knows of a camera that runs. */
class Camera {
  readonly #follower: FaceFollower
  /** One for all frames: memory stays as it is. */
  readonly #canvas = new OffscreenCanvas(1, 1)
  readonly #known = new Map<number, Known>()
  #challenge: { readonly number: number; readonly of: FaceChallenge<Photo> } | undefined
  #challenges = 0
  #capture: { readonly number: number; readonly of: Capture } | undefined

  constructor(
    private readonly session: Session,
    private readonly options: FollowOptions,
  ) {
    const { finder, embedder } = session.opened
    const { identify: _, thumbnails: __, ...follow } = options
    this.#follower = new FaceFollower(finder, embedder, follow)
  }

  /** What is wrong with the options is said before there are faces. @throws VisionError VISION_USE; as the gallery */
  async check(): Promise<void> {
    if (this.options.identify) await this.#identified([])
  }

  /** Begins with the next frame. @returns its number @throws VisionError VISION_USE; as the models are loaded */
  async challenge(options: FaceChallengeOptions | undefined): Promise<number | undefined> {
    this.#challenge = undefined
    if (options === undefined) return undefined
    const { embedder, recognizer, eyes } = this.session.opened
    const seed = crypto.getRandomValues(new Uint32Array(4))
    const { thresholds } = recognizer
    const parts = { embedder, thresholds, eyes: await eyes.open() }
    const of = new FaceChallenge<Photo>(parts, new Random(...seed), options)
    const number = ++this.#challenges
    this.#challenge = { number, of }
    return number
  }

  async frame({ frame, width, height, time, capture }: FrameArgs): Promise<SeenFrame | Moved> {
    const photo = this.#pixels(frame, width, height)
    const followed = await this.#follower.follow(photo, time)
    const { faces, embedded, lost } = followed
    const challenge = this.#challenge
    const state = await challenge?.of.update(photo, followed, time)
    if (state?.verdict && this.#challenge === challenge) this.#challenge = undefined
    const scene = sceneOf(faces)
    const { hint, because } = scene
    if (capture !== this.#capture?.number)
      this.#capture = capture === undefined ? undefined : { number: capture, of: new Capture() }
    const captured = this.#capture?.of.update(photo, scene, time)
    for (const { id } of lost) this.#known.delete(id)
    const news = embedded && (await this.#embedded(embedded.followed, embedded.embedding))
    const identified = this.options.identify && (await this.#identifyNext(time))
    const seen: SeenFrame = {
      faces: faces.map(seenFace),
      hint,
      ...(because && { because }),
      lost: lost.map(({ id }) => id),
      ...(news && { embedded: news }),
      ...(identified && { identified }),
      ...(state && { challenge: { number: challenge!.number, state } }),
    }
    const first = state?.verdict?.passed ? challenge!.of.captured : undefined
    if (captured) this.#capture = undefined
    if (captured === undefined && first === undefined) return seen
    const [best, passed] = await Promise.all([this.#captured(captured), this.#captured(first)])
    const moved = [best, passed].flatMap((one) =>
      one ? [one.photo.pixels.buffer as ArrayBuffer] : [],
    )
    return new Moved({ ...seen, ...(best && { captured: best }), ...(passed && { passed }) }, [
      ...new Set(moved),
    ])
  }

  #pixels(frame: VideoFrame | ImageBitmap, width: number, height: number): Photo {
    try {
      if (this.#canvas.width !== width) this.#canvas.width = width
      if (this.#canvas.height !== height) this.#canvas.height = height
      const context = this.#canvas.getContext('2d', { alpha: false, willReadFrequently: true })!
      context.drawImage(frame, 0, 0, width, height)
      return rgbOf(context.getImageData(0, 0, width, height))
    } finally {
      frame.close()
    }
  }

  async #embedded(followed: FollowedFace, embedding: Float32Array): Promise<TrackFace> {
    const { id } = followed.track
    const face = await embeddedFace(followed, embedding, this.options.thumbnails === true)
    this.#known.set(id, { face, at: -Infinity, verdict: '' })
    return { id, face }
  }

  /** Of the track that was not looked for the longest; again after a while, for the gallery may have changed. */
  async #identifyNext(time: number): Promise<IdentifiedTrack | undefined> {
    const [first] = [...this.#known].sort(([, a], [, b]) => a.at - b.at)
    if (first === undefined || time - first[1].at < AGAIN) return undefined
    const [id, known] = first
    const [found] = await this.#identified([known.face])
    const { threshold, far, fpir, source, warning, searched, matches } = found!
    const verdict = JSON.stringify([threshold, ...matches.map(({ name }) => name)])
    const isNews = verdict !== known.verdict
    this.#known.set(id, { ...known, at: time, verdict })
    const identity = { threshold, far, fpir, source, warning, searched, matches }
    return isNews ? { id, face: known.face, identity } : undefined
  }

  #identified(faces: readonly EmbeddedFace[]) {
    const { identify } = this.options
    const options = typeof identify === 'object' ? identify : {}
    const { thresholds } = this.session.recognizer
    return identifyFaces(
      thresholds,
      options,
      async () => faces,
      async (embeddings, search) =>
        (await this.session.gallery.open()).identifyMany(embeddings, search),
    )
  }

  async #captured(captured: Captured | undefined): Promise<CapturedFace | undefined> {
    if (captured === undefined) return undefined
    const { photo, face } = captured
    const embedding = await this.session.opened.embedder.embed(face.pixels, 1)
    return { id: face.track.id, photo, face: await embeddedFace(face, embedding, true) }
  }
}

const faceOf = ({ box, points, score, quality, grade, rejected }: CutFace) => ({
  box,
  points,
  score,
  quality,
  grade,
  rejected,
})

const seenFace = (face: FollowedFace): SeenFace => ({
  ...faceOf(face),
  id: face.track.id,
  ...face.guidance,
})

const embeddedFace = async (
  face: CutFace,
  embedding: Float32Array,
  thumbnails: boolean,
): Promise<EmbeddedFace> => ({
  ...faceOf(face),
  embedding,
  ...(thumbnails && { thumbnail: await thumbnail(face.pixels) }),
})
