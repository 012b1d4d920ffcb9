import { alignFace, TEMPLATE } from '../align/align.js'
import type { Detection } from '../detect/detection.js'
import type { DetectOptions, Detector } from '../detect/detector.js'
import type { JudgedDetection } from '../detect/plausible.js'
import type { Photo } from '../image/photo.js'
import { IMAGE_SIZE } from '../image/size.js'
import type { Liveness } from '../liveness/result.js'
import { type Grade, gradeOf } from '../quality/grade.js'
import {
  judgeFace,
  limitsOf,
  type Purpose,
  type QualityLimits,
  type QualityOption,
  type Rejection,
  rejectionsOf,
} from '../quality/limits.js'
import { type Quality, qualityOf } from '../quality/quality.js'
import { chooseFaces, type Faces, likelyFaces } from './choose.js'

/** A face of a photograph. */
export interface Face extends Detection {
  readonly quality: Quality
  /** One figure of all that is known of its quality. */
  readonly grade: Grade
  /** Why the face is not recognised, or not enrolled (`purpose`); empty where nothing speaks against it. */
  readonly rejected: readonly Rejection[]
  /** Whether it looks like a living face; where `liveness` asks for it. */
  readonly liveness?: Liveness
}

/** A face cut out of its photograph. */
export interface CutFace extends Face {
  /** Aligned, 112 x 112 x 3, RGB. */
  readonly pixels: Uint8Array
}

export interface FindOptions extends DetectOptions {
  /** Which faces of a photograph. Default: all. */
  readonly faces?: Faces | undefined
  /** Look for none: the middle of the picture is a face as aligned ones are, and nothing else. */
  readonly whole?: boolean | undefined
  /** For this call in place of the finder's own. */
  readonly quality?: QualityOption | undefined
  /** What faces are judged for. Default: recognition. */
  readonly purpose?: Purpose | undefined
  /** What errors call the photograph. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Finds the faces of photographs: detects, aligns, judges and chooses. It owns the detector. */
export class FaceFinder {
  /** @param quality what a face must be like to be recognised */
  constructor(
    private readonly detector: Detector,
    private readonly quality: QualityOption = {},
  ) {
    limitsOf(quality)
  }

  /** Of the detector: YuNet, SCRFD or UltraFace. */
  get kind(): string {
    return this.detector.kind
  }

  /**
   * The faces of a photograph, the most certain first; none if it shows none.
   * @throws VisionError VISION_MANY_FACES (`only`), VISION_USE; what the runtime throws; the signal's reason
   */
  async find(photo: Photo, options: FindOptions = {}): Promise<CutFace[]> {
    const { faces = 'all', signal } = options
    const { small, once, minScore } = options
    const limits = this.limits(options)
    const recognised = this.limits({ ...options, purpose: 'recognition' })
    signal?.throwIfAborted()
    const all = options.whole
      ? [wholeFace(photo)]
      : await this.detector.detect(photo, { small, once, minScore })
    signal?.throwIfAborted()
    const cut = all.map((face): CutFace => {
      const { box, points, score } = face
      const pixels = alignFace(photo, points)
      const quality = qualityOf(face, pixels)
      const rejected = rejectionsOf(quality, recognised)
      return { box, points, score, quality, grade: gradeOf(quality), rejected, pixels }
    })
    const among = faces === 'all' ? cut : likelyFaces(cut) // where one is meant, a pattern beside it is not counted
    const chosen = chooseFaces(
      among,
      faces,
      photo,
      options.name ?? photo.name ?? 'the photograph given',
    )
    return chosen.map((face) => ({ ...face, rejected: judgeFace(face, limits) }))
  }

  /** What faces have to keep in a call. @throws VisionError VISION_USE */
  limits({ quality = this.quality, purpose }: FindOptions): QualityLimits {
    return limitsOf(quality === false ? quality : { ...this.quality, ...quality }, purpose)
  }

  close(): Promise<void> {
    return this.detector.close()
  }
}

/** A picture that is a face: its points are where alignment would bring them, in the largest square of its middle. */
function wholeFace({ width, height }: Photo): JudgedDetection {
  const side = Math.min(width, height)
  const [left, top] = [(width - side) / 2, (height - side) / 2]
  const points = TEMPLATE.map(({ x, y }) => ({
    x: left + (x * side) / IMAGE_SIZE,
    y: top + (y * side) / IMAGE_SIZE,
  }))
  return { box: { x: 0, y: 0, width, height }, points, score: 1, plausibility: 1 }
}
