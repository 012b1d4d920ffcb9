import type { Margins } from './margins.js'
import { targetLogit } from './target.js'

/**
 * By how much the logit of a sample's own class is above that of another, at angles `own` and `other` (radians, as
 * many of each) to their centres. 0 is the decision boundary.
 */
export type Advantage = (own: Float64Array, other: Float64Array) => Float64Array

/** Of the unified margin, divided by the scale. */
export const marginAdvantage =
  (margins: Margins): Advantage =>
  (own, other) =>
    own.map((angle, i) => targetLogit(angle, margins) - Math.cos(other[i]!))

/** For each angle to the own centre the smallest to the other at which the sample counts as right; NaN if none is. */
export function boundaryAngles(advantage: Advantage, own: Float64Array): Float64Array {
  // The other centre is as near as it may be.
  const opposite = own.map(() => Math.PI)
  const farthest = advantage(own, opposite)
  const found = bisect(opposite, (other) => advantage(own, other))
  return found.map((angle, i) => (farthest[i]! < 0 ? Number.NaN : angle))
}

/**
 * The arc that belongs to neither class, for each angle between their centres: a sample between these is as far from
 * its own as it may be; both classes alike. Below 0 is a loss under which both hold the same arc.
 */
export function boundaryGaps(advantage: Advantage, between: Float64Array): Float64Array {
  const toOther = bisect(between, (other) =>
    advantage(
      other.map((angle, i) => between[i]! - angle),
      other,
    ),
  )
  return toOther.map((angle, i) => 2 * angle - between[i]!)
}

/** Which of two classes holds a sample at angles to both of their centres: 1, 2, or 0 for none. */
export function boundaryHolders(
  advantage: Advantage,
  first: Float64Array,
  second: Float64Array,
): Uint8Array {
  const [one, two] = [advantage(first, second), advantage(second, first)]
  return Uint8Array.from(first, (_, i) => {
    if (one[i]! >= 0 && one[i]! >= two[i]!) return 1
    return two[i]! >= 0 ? 2 : 0
  })
}

const STEPS = 52 // bits of a double

/** Where functions that grow with their argument pass 0, each between 0 and `ends`; the end if they do not. */
function bisect(
  ends: Float64Array,
  grow: (arguments_: Float64Array) => Float64Array,
): Float64Array {
  let low = ends.map(() => 0)
  let high = ends
  for (let step = 0; step < STEPS; step++) {
    const middle = low.map((value, i) => (value + high[i]!) / 2)
    const values = grow(middle)
    low = low.map((value, i) => (values[i]! < 0 ? middle[i]! : value))
    high = high.map((value, i) => (values[i]! < 0 ? value : middle[i]!))
  }
  return high
}
