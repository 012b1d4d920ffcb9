import { angleBetween, directionsOf, type Labelled } from '../geometry/angles/statistics.js'

/** A centre of a person and how many of the person's images are nearest to it. */
export interface CentreUse {
  label: number
  centre: number
  images: number
  /** The one with the most images: what the person looks like. The others are to be dropped. */
  dominant: boolean
}

/** Where an image stands. */
export interface ImageAngle {
  /** Radians to the dominant centre of its person. */
  angle: number
  /** Of the person's centres the nearest. */
  centre: number
  /** Farther from the dominant centre than allowed. */
  dropped: boolean
}

/**
 * Which centres and images sub-center ArcFace gives up (ECCV 2020, section 3.4): of each person the centre to which
 * most images are nearest stays, and images more than `limit` radians from it go.
 *
 * @param weights the trained centres, classes * K x dim; the K of a person follow each other
 * @returns `dominant`: the dominant centre of each person, of length 1, classes x dim
 */
export function selectClean(
  given: Labelled,
  weights: Float32Array,
  limit: number,
): { centres: CentreUse[]; images: ImageAngle[]; dominant: Float64Array } {
  const { embeddings, labels, dim, classes } = given
  const unit = directionsOf(weights, dim)
  const each = unit.length / dim / classes
  const directions = directionsOf(embeddings, dim)
  const counts = new Int32Array(classes * each)
  const angles = Array.from({ length: labels.length }, (_, row) =>
    Array.from({ length: each }, (_, k) =>
      angleBetween(directions, row, unit, labels[row]! * each + k, dim),
    ),
  )
  const nearest = angles.map((own) => own.indexOf(Math.min(...own)))
  for (const [row, k] of nearest.entries()) counts[labels[row]! * each + k]!++
  const dominant = Array.from({ length: classes }, (_, label) => {
    const own = counts.subarray(label * each, (label + 1) * each)
    return own.indexOf(Math.max(...own))
  })
  return {
    centres: Array.from(counts, (images, i) => {
      const [label, centre] = [Math.floor(i / each), i % each]
      return { label, centre, images, dominant: dominant[label] === centre }
    }),
    images: angles.map((own, row) => {
      const angle = own[dominant[labels[row]!]!]!
      return { angle, centre: nearest[row]!, dropped: angle > limit }
    }),
    dominant: Float64Array.from({ length: classes * dim }, (_, i) => {
      const label = Math.floor(i / dim)
      return unit[(label * each + dominant[label]!) * dim + (i % dim)]!
    }),
  }
}
