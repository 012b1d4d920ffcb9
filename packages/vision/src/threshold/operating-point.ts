import type { Thresholds } from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { tailCosine } from './tail.js'

/** A threshold for use, and the FAR that may be claimed of it. */
export interface OperatingThreshold {
  /** Accept where the cosine lies strictly above it. */
  readonly threshold: number
  /** At most so many impostor pairs pass, as far as it was measured: the FAR asked for, or the nearest that is borne out. */
  readonly far: number
  /** Whether the measured pairs bear out the FAR asked for. If not, the threshold is extrapolated and `far` is not. */
  readonly supported: boolean
}

/**
 * The threshold of a model at any FAR: linear in log FAR between the points that it names; beyond the last through the
 * tail, never below the last point; where no tail is known, along the line through the last two, as if the tail were
 * exponential, and undefined where there is one point only. Above the first point: the first. A FAR smaller than what was measured is never claimed.
 * @throws VisionError VISION_USE where far is not between 0 and 1
 */
export function thresholdAt(
  { cosine, impostors }: Thresholds,
  far: number,
): OperatingThreshold | undefined {
  checkRate(far, 'FAR')
  const smallest = impostors?.smallestFar ?? 0
  const points = Object.entries(cosine)
    .map(([key, threshold]) => ({ far: Number(key), threshold }))
    .filter((point) => point.far >= smallest)
    .sort((a, b) => b.far - a.far)
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return undefined
  if (far >= first.far) return { ...first, supported: true }
  const next = points.find((point) => point.far <= far)
  if (next) {
    const before = points[points.indexOf(next) - 1]!
    return { threshold: between(before, next, far), far, supported: true }
  }
  const claimed = impostors?.smallestFar ?? last.far
  const supported = far >= claimed
  const before = points.at(-2)
  const beyond =
    impostors?.tail && far < impostors.tail.rate
      ? tailCosine(impostors.tail, far)
      : before
        ? between(before, last, far)
        : impostors?.tail?.level
  if (beyond === undefined && !supported) return undefined
  const threshold = Math.min(1, Math.max(last.threshold, beyond ?? last.threshold))
  return { threshold, far: supported ? far : claimed, supported }
}

interface Point {
  readonly far: number
  readonly threshold: number
}

/** On the line through two points, linear in log FAR. */
function between(a: Point, b: Point, far: number): number {
  const share = Math.log(a.far / far) / Math.log(a.far / b.far)
  return share === 1 ? b.threshold : a.threshold + share * (b.threshold - a.threshold)
}

/**
 * The FAR of one comparison at which a search among so many faces names a stranger with probability `fpir` (false positive
 * identification rate), were the comparisons independent: 1 - (1 - fpir)^(1 / faces). Faces of one person, and of people
 * alike, match together, so that fewer searches fail than that.
 * @throws VisionError VISION_USE where fpir is not between 0 and 1
 */
export function farForFpir(fpir: number, faces: number): number {
  checkRate(fpir, 'FPIR')
  return -Math.expm1(Math.log1p(-fpir) / Math.max(1, faces))
}

/** The FPIR of a search among so many faces at that FAR of one comparison; see `farForFpir`. */
export function fpirAtFar(far: number, faces: number): number {
  checkRate(far, 'FAR')
  return -Math.expm1(Math.max(1, faces) * Math.log1p(-far))
}

function checkRate(rate: number, name: string): void {
  if (!(rate > 0 && rate < 1))
    throw new VisionError('VISION_USE', `a ${name} lies between 0 and 1, not at ${rate}`)
}
