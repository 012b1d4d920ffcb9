import { TEMPLATE } from '../align/align.js'
import { type Point, similarity } from '../align/similarity.js'
import { type Box, contained, type Detection } from './detection.js'

/** A face in a photograph, and how likely it is one. */
export interface JudgedDetection extends Detection {
  /**
   * From 0 to 1: whether the points lie as those of a face do, and whether they are found again where it is looked at
   * once more. Below PLAUSIBLE (a half) hardly a face.
   */
  readonly plausibility: number
}

/** Below it a face is taken for none. */
export const PLAUSIBLE = 0.5

/** How far points lie from the template at most, pixels of the aligned face (root mean square); seen of faces: up to 10. */
const RESIDUAL = 14
/** Distance between the eyes as a share of the box's shorter side; seen of faces: 0.18 to 0.6. */
const EYES = [0.12, 0.8] as const
/** Points lie inside the box, or no farther outside than this share of its side. */
const OUTSIDE = 0.25
/** Points of patterns wander farther, those of 99 of 100 faces less; a share of the box's side. */
const DRIFT = 0.03

/** Whether five points lie to each other, and in their box, as those of a face do, however it is turned in the picture. */
export function isFaceLike({ x, y, width, height }: Box, points: readonly Point[]): boolean {
  const finite = [x, y, width, height, ...points.flatMap((point) => [point.x, point.y])]
  if (points.length !== TEMPLATE.length || !finite.every(Number.isFinite)) return false
  const inside = points.every(
    (point) =>
      point.x > x - OUTSIDE * width &&
      point.x < x + (1 + OUTSIDE) * width &&
      point.y > y - OUTSIDE * height &&
      point.y < y + (1 + OUTSIDE) * height,
  )
  const [left, right] = points as [Point, Point]
  const eyes = Math.hypot(right.x - left.x, right.y - left.y) / Math.min(width, height)
  return inside && eyes > EYES[0] && eyes < EYES[1] && residualOf(points) < RESIDUAL
}

/** Distance of five points from the template they are aligned to, root mean square, pixels of the aligned face. */
export function residualOf(points: readonly Point[]): number {
  const { a, b, tx, ty } = similarity(points, TEMPLATE)
  const squares = points.map(
    ({ x, y }, i) =>
      (a * x - b * y + tx - TEMPLATE[i]!.x) ** 2 + (b * x + a * y + ty - TEMPLATE[i]!.y) ** 2,
  )
  return Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / points.length)
}

/** Distance of points from where they were found before, root mean square, as a share of the box's side. */
export function driftOf(before: readonly Point[], again: readonly Point[], box: Box): number {
  const squares = before.map(({ x, y }, i) => (again[i]!.x - x) ** 2 + (again[i]!.y - y) ** 2)
  const mean = squares.reduce((sum, one) => sum + one, 0) / before.length
  return Math.sqrt(mean / (box.width * box.height))
}

/** 1 for points that stay where they are, a half at DRIFT. */
export const plausibilityOfDrift = (drift: number): number => 1 / (1 + (drift / DRIFT) ** 2)

/** Plausibility of the most plausible of faces, 0 of none. */
export const certaintyOf = (faces: readonly JudgedDetection[]): number =>
  faces.reduce((most, { plausibility }) => Math.max(most, plausibility), 0)

/** Share of the smaller of two boxes that lies in the other: above it they frame one face, or a part and its whole. */
const CONTAINED = 0.6

/** Of faces that lie in one another the best: plausible ones first, then by score, in which order they come. */
export function separate(faces: readonly JudgedDetection[]): JudgedDetection[] {
  const isPlausible = ({ plausibility }: JudgedDetection) => Number(plausibility >= PLAUSIBLE)
  const kept: JudgedDetection[] = []
  for (const one of [...faces].sort((a, b) => isPlausible(b) - isPlausible(a) || b.score - a.score))
    if (kept.every(({ box }) => contained(box, one.box) <= CONTAINED)) kept.push(one)
  return kept
}
