import { outsideOf } from '../align/outside.js'
import { checkMinScore } from '../detect/detector.js'
import type { Embedder } from '../embedder/embedder.js'
import type { CutFace, FaceFinder, FindOptions } from '../faces/finder.js'
import type { Photo } from '../image/photo.js'
import { checkOptions, type Kinds } from '../options.js'
import { limitsOf } from '../quality/limits.js'
import { goodnessOf } from './goodness.js'
import { type Guidance, Guide } from './guide.js'
import { type Track, Tracker, type TrackerOptions } from './tracker.js'

export interface FollowerOptions extends TrackerOptions, Pick<FindOptions, 'minScore' | 'quality'> {
  /** Whether faces are embedded; else they are only followed. Default true. */
  readonly embed?: boolean | undefined
}

const OPTIONS: Kinds<FollowerOptions> = {
  patience: 'number',
  minScore: 'number',
  quality: 'any',
  embed: 'boolean',
}

/** A face in a frame, and whose track it is. */
export interface FollowedFace extends CutFace {
  readonly track: Track
  readonly guidance: Guidance
  /** See `goodnessOf`. */
  readonly goodness: number
}

/** The best face of a track until now, with its embedding. */
export interface EmbeddedFollowed {
  readonly followed: FollowedFace
  /** L2-normalised. */
  readonly embedding: Float32Array
}

export interface FollowedFrame {
  /** In the frame, the most certain first. */
  readonly faces: readonly FollowedFace[]
  /** One at most; the others that are due have their turn in the next frames. */
  readonly embedded: EmbeddedFollowed | undefined
  /** Tracks that ended. */
  readonly lost: readonly Track[]
}

/** What a face was like when it was embedded last. */
interface Known {
  readonly goodness: number
  /** When, milliseconds. */
  readonly at: number
}

/** A face is embedded again when it is better by this factor: a few times a track. */
const BETTER = 1.2
/** Seen once it may be a pattern, or a face that only comes in. */
const SIGHTINGS = 2

/**
 * The faces of a video: found by one look a frame, followed, and embedded when they are new, clearly better than before,
 * or perhaps another's, never a frame; and what each person is to be told. Frames come one after another.
 */
export class FaceFollower {
  private readonly tracker: Tracker
  private readonly guides = new Map<number, Guide>()
  private readonly known = new Map<number, Known>()

  /** @throws VisionError VISION_USE */
  constructor(
    private readonly finder: FaceFinder,
    private readonly embedder: Embedder,
    private readonly options: FollowerOptions = {},
  ) {
    checkOptions('FaceFollower', options, OPTIONS)
    checkMinScore(options.minScore)
    limitsOf(options.quality)
    this.tracker = new Tracker({ patience: options.patience })
  }

  /**
   * @param time of the frame, milliseconds; not before the last one's
   * @throws VisionError VISION_USE; what the runtime throws
   */
  async follow(photo: Photo, time: number): Promise<FollowedFrame> {
    const { minScore, quality, embed = true } = this.options
    const found = await this.finder.find(photo, { once: true, minScore, quality })
    const { tracks, lost } = this.tracker.update(found, time)
    for (const { id } of lost) {
      this.guides.delete(id)
      this.known.delete(id)
    }
    const faces = tracks.map(({ track, face }): FollowedFace => {
      const guide = this.guides.get(track.id) ?? new Guide()
      this.guides.set(track.id, guide)
      const { quality, points } = face
      const outside = outsideOf(points, photo)
      const look = { quality, speed: track.speed, outside }
      const guidance = guide.update(look, time)
      return { ...face, track, guidance, goodness: goodnessOf(quality) }
    })
    return { faces, lost, embedded: embed ? await this.embedBest(faces) : undefined }
  }

  private async embedBest(faces: readonly FollowedFace[]): Promise<EmbeddedFollowed | undefined> {
    const knownOf = ({ track }: FollowedFace) => this.known.get(track.id)
    const due = faces.filter((face) => isDue(face, knownOf(face)))
    // Who is not known yet comes first.
    const [followed] = due.sort(
      (a, b) =>
        Number(knownOf(a) !== undefined) - Number(knownOf(b) !== undefined) ||
        b.goodness - a.goodness,
    )
    if (followed === undefined) return undefined
    const embedding = await this.embedder.embed(followed.pixels, 1)
    const { goodness, track } = followed
    this.known.set(track.id, { goodness, at: track.seen })
    return { followed, embedding }
  }
}

/** Whether a face deserves an embedding: its track has none, or it is clearly better, or may be another's by now. */
export function isDue(
  face: Pick<FollowedFace, 'rejected' | 'goodness' | 'track'>,
  known: Known | undefined,
): boolean {
  const { rejected, goodness, track } = face
  const { sightings, seen, doubted = -Infinity } = track
  // What is in doubt now is looked at when the doubt is over.
  if (rejected.length > 0 || sightings < SIGHTINGS || doubted === seen) return false
  return known === undefined || goodness > BETTER * known.goodness || doubted > known.at
}
