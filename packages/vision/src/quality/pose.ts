import { TEMPLATE } from '../align/align.js'
import { type Point, similarity } from '../align/similarity.js'

/** Where a head looks, radians: 0, 0, 0 into the camera. An estimate by five points, good to some 10 degrees. */
export interface Pose {
  /** Positive: towards the right side of the picture. */
  readonly yaw: number
  /** Positive: down. */
  readonly pitch: number
  /** Positive: clockwise, as seen. */
  readonly roll: number
}

/** Eyes, nose, mouth towards the camera, in units of the template (an eye distance of 35 is some 63 mm): nose 27 mm, mouth 4 mm. */
const DEPTH = [0, 0, 15, 2, 2]

const meanX = TEMPLATE.reduce((sum, { x }) => sum + x, 0) / TEMPLATE.length
const meanY = TEMPLATE.reduce((sum, { y }) => sum + y, 0) / TEMPLATE.length
const meanZ = DEPTH.reduce((sum, z) => sum + z, 0) / DEPTH.length
/** A head that looks into the camera, about its middle: x right, y down, z towards the camera. */
export const HEAD: readonly (readonly [number, number, number])[] = TEMPLATE.map(({ x, y }, i) => [
  x - meanX,
  y - meanY,
  DEPTH[i]! - meanZ,
])

type Vector = readonly [number, number, number]
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const times = (a: Vector, by: number): Vector => [a[0] * by, a[1] * by, a[2] * by]
const unit = (a: Vector) => times(a, 1 / Math.sqrt(dot(a, a)))
const cross = ([a, b, c]: Vector, [d, e, f]: Vector): Vector => [
  b * f - c * e,
  c * d - a * f,
  a * e - b * d,
]

/** Inverse of the sum of products of the head's coordinates, which is symmetric; a constant. */
const INVERSE = ((): readonly Vector[] => {
  const row = (k: number): Vector => {
    const sum = (l: number) => HEAD.reduce((all, at) => all + at[k]! * at[l]!, 0)
    return [sum(0), sum(1), sum(2)]
  }
  const [a, b, c] = [row(0), row(1), row(2)]
  const by = 1 / dot(a, cross(b, c))
  return [times(cross(b, c), by), times(cross(c, a), by), times(cross(a, b), by)]
})()

/**
 * The rotation of a mean head whose shadow (scaled orthographic) the five points are, by least squares: the first step
 * of POSIT (DeMenthon and Davis 1995). Turned by roll, then pitch, then yaw.
 */
export function poseOf(points: readonly Point[]): Pose {
  const along = (axis: 'x' | 'y'): Vector => {
    const mean = points.reduce((sum, point) => sum + point[axis], 0) / points.length
    const sum = (k: number) =>
      HEAD.reduce((all, at, i) => all + at[k]! * (points[i]![axis] - mean), 0)
    const right: Vector = [sum(0), sum(1), sum(2)]
    return [dot(INVERSE[0]!, right), dot(INVERSE[1]!, right), dot(INVERSE[2]!, right)]
  }
  const right = unit(along('x'))
  const forward = unit(cross(right, along('y')))
  const down = cross(forward, right)
  return {
    yaw: Math.atan2(right[2], forward[2]),
    pitch: Math.asin(Math.min(1, Math.max(-1, down[2]))),
    roll: Math.atan2(down[0], down[1]),
  }
}

const QUARTER = Math.PI / 2

/**
 * `poseOf` in a picture that may lie on a side or its head: yaw and pitch as in the picture that is turned upright, roll
 * as in the picture itself, from -pi to pi.
 */
export function poseInPicture(points: readonly Point[]): Pose {
  const { a, b } = similarity(TEMPLATE, points)
  const quarters = Math.round(Math.atan2(b, a) / QUARTER)
  if (quarters === 0) return poseOf(points)
  const [cos, sin] = [Math.cos(quarters * QUARTER), Math.sin(quarters * QUARTER)]
  const pose = poseOf(points.map(({ x, y }) => ({ x: cos * x + sin * y, y: cos * y - sin * x })))
  const roll = pose.roll + quarters * QUARTER
  return { ...pose, roll: Math.atan2(Math.sin(roll), Math.cos(roll)) }
}
