import type { Box } from '../detect/detection.js'
import { VisionError } from '../errors.js'
import type { Photo } from '../image/photo.js'
import type { ModelSource } from '../network/network.js'
import { checkOptions } from '../options.js'
import type { Rejection } from '../quality/limits.js'
import { cropSquare, type Square } from './crop.js'
import { type LivenessNetwork, openNetwork, scoresOf } from './network.js'
import type { LivenessPart, LivenessPoint } from './part.js'
import type { Liveness, Unsure } from './result.js'

/** What is known of a face that is checked. */
export interface FaceToCheck {
  readonly box: Box
  readonly rejected: readonly Rejection[]
}

export interface LivenessOptions {
  /** Least score of a living face, 0 to 1. Default: the part's first point. */
  readonly threshold?: number | undefined
}

/** A crop beside the face's own: so many times as large, moved by shares of the box's longer side. */
export interface Variant {
  readonly scale: number
  readonly dx: number
  readonly dy: number
}

/** What is averaged over: boxes of detectors differ by some tenths, and scores of single crops with them (bench/liveness.mjs). */
export const VARIANTS: readonly Variant[] = [
  { scale: 1, dx: 0, dy: 0 },
  { scale: 0.9, dx: 0.05, dy: 0.05 },
  { scale: 1.1, dx: -0.05, dy: 0.05 },
  { scale: 0.9, dx: -0.05, dy: -0.05 },
  { scale: 1.1, dx: 0.05, dy: -0.05 },
]

/** Says whether a face looks like a living one, by the networks of a pack. Calls may run at once. */
export class LivenessChecker {
  private closed = false

  private constructor(
    private readonly networks: readonly LivenessNetwork[],
    private readonly stands: LivenessPoint,
  ) {}

  /**
   * @param sources of the part's networks, in their order
   * @throws OnnxError; VisionError VISION_LIVENESS (a network is not as described), VISION_USE; what the runtime throws
   */
  static async open(
    sources: readonly ModelSource[],
    { models, points }: LivenessPart,
    options: LivenessOptions = {},
  ): Promise<LivenessChecker> {
    checkOptions('LivenessChecker.open', options, { threshold: 'number' })
    if (sources.length !== models.length)
      throw new VisionError(
        'VISION_USE',
        `LivenessChecker.open: ${models.length} networks are described, and ${sources.length} were given`,
      )
    const stands = pointAt(points, options.threshold)
    const opened = await Promise.allSettled(
      models.map((model, i) => openNetwork(sources[i]!, model)),
    )
    const networks = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = opened.find((one) => one.status === 'rejected')
    if (failed === undefined) return new LivenessChecker(networks, stands)
    await Promise.all(networks.map(({ network }) => network.close()))
    throw failed.reason
  }

  /**
   * How living a face of a photograph looks. What speaks against an answer (a face rejected for its quality, cut by the
   * border, too small) is said in it, and no error.
   * @param photo only read
   * @throws VisionError VISION_LIVENESS, VISION_USE (closed); what the runtime throws
   */
  async check(photo: Photo, face: FaceToCheck): Promise<Liveness> {
    if (this.closed) throw new VisionError('VISION_USE', 'the liveness checker is already closed')
    const scores = await Promise.all(
      this.networks.map(async (one) => {
        const { crop, size, file } = one.model
        const crops = VARIANTS.map((variant) =>
          cropSquare(photo, squareOf(face.box, crop, variant), size),
        )
        return { model: file, score: mean(await scoresOf(one, crops)) }
      }),
    )
    const score = mean(scores.map((one) => one.score))
    const unsure = this.doubts(photo, face)
    const { stands } = this
    const { threshold } = stands
    const live = unsure.length > 0 ? null : score >= threshold
    return { score, threshold, stands, live, unsure, scores }
  }

  /** The faces of a photograph, each with its liveness. Errors as `check`. */
  checkAll<Face extends FaceToCheck>(
    photo: Photo,
    faces: readonly Face[],
  ): Promise<(Face & { readonly liveness: Liveness })[]> {
    return Promise.all(
      faces.map(async (face) => ({ ...face, liveness: await this.check(photo, face) })),
    )
  }

  /** Frees the networks. Calling it again does nothing. */
  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await Promise.all(this.networks.map(({ network }) => network.close()))
  }

  private doubts({ width, height }: Photo, { box, rejected }: FaceToCheck): Unsure[] {
    const outside = 1 - inside(box.x, box.width, width) * inside(box.y, box.height, height)
    const fewest = Math.max(...this.networks.map(({ model: { crop, size } }) => size / crop))
    const all: readonly (readonly [Unsure, boolean])[] = [
      ['rejected', rejected.length > 0],
      ['border', !(outside <= OUTSIDE)],
      ['small', !(longer(box) >= fewest * ENLARGED)],
    ]
    return all.filter(([, found]) => found).map(([unsure]) => unsure)
  }
}

/** Share of a face's box that may lie beyond the picture. */
const OUTSIDE = 0.05
/** A crop has at least so many pixels for each of the network's input, either way. */
const ENLARGED = 0.5

/** Share of a box's side that lies in the picture. */
const inside = (start: number, length: number, limit: number): number =>
  Math.max(0, Math.min(start + length, limit) - Math.max(start, 0)) / length

const longer = ({ width, height }: Box): number => Math.max(width, height)

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The square about a box's centre. */
export function squareOf(box: Box, times: number, { scale, dx, dy }: Variant): Square {
  const length = longer(box)
  const side = length * times * scale
  return {
    x: box.x + box.width / 2 + dx * length - side / 2,
    y: box.y + box.height / 2 + dy * length - side / 2,
    side,
  }
}

/** A threshold of one's own is a point of which nothing is known, unless the part names the same. */
function pointAt(points: readonly LivenessPoint[], threshold: number | undefined): LivenessPoint {
  if (threshold === undefined) return points[0]!
  if (!(threshold >= 0 && threshold <= 1))
    throw new VisionError('VISION_USE', `liveness threshold: 0 to 1, not ${threshold}`)
  return points.find((point) => point.threshold === threshold) ?? { threshold, measured: [] }
}
