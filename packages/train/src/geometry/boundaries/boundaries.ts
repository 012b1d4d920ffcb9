import { radians, spaced } from '../angles.js'
import type { NamedLoss } from '../named-loss.js'
import { LogitProbe } from '../probe.js'

/** What two classes hold under a loss. All angles in radians. */
export interface BinaryBoundary extends NamedLoss {
  /** Angles to the own centre. */
  own: Float64Array
  /** For each, the smallest angle to the other centre at which the sample counts as right; NaN if there is none. */
  other: Float64Array
  /** Angles between two centres on the circle. */
  between: Float64Array
  /** For each, the arc between the two centres that belongs to neither class. */
  gap: Float64Array
  /** With the centres at -45 and 45 degrees: the class that holds each degree from -180 to 179, 0 for none. */
  circle: Uint8Array
}

/** Half the angle between the two centres of `circle`. */
export const HALF = radians(45)
const COUNT = 360

/**
 * Binary decision boundaries (arXiv 1801.07698, figure 5): where the logit of the own class equals that of the other.
 * @throws TrainError TRAIN_LOSS if a loss is unknown or has no logits
 */
export function binaryBoundaries(losses: readonly NamedLoss[]): BinaryBoundary[] {
  const own = spaced(0, Math.PI, COUNT)
  const between = spaced(Math.PI / COUNT, Math.PI, COUNT)
  return losses.map((one) => {
    const probe = new LogitProbe(one, COUNT)
    try {
      const other = otherAngles(probe, own)
      return { ...one, own, other, between, gap: gaps(probe, between), circle: holders(probe) }
    } finally {
      probe.dispose()
    }
  })
}

/** The advantage of the own class over the other at angles to both. */
function advantage(probe: LogitProbe, own: Float64Array, other: Float64Array): Float64Array {
  const logits = probe.at(own, other)
  return logits.own.map((logit, i) => logit - logits.other[i]!)
}

/** The other centre is as near as it may be. */
function otherAngles(probe: LogitProbe, own: Float64Array): Float64Array {
  const opposite = own.map(() => Math.PI)
  const farthest = advantage(probe, own, opposite)
  const found = bisect(opposite, (other) => advantage(probe, own, other))
  return found.map((angle, i) => (farthest[i]! < 0 ? Number.NaN : angle))
}

/** A sample between the centres is as far from its own as it may be; both classes alike. */
function gaps(probe: LogitProbe, between: Float64Array): Float64Array {
  const toOther = bisect(between, (other) =>
    advantage(
      probe,
      other.map((angle, i) => between[i]! - angle),
      other,
    ),
  )
  return toOther.map((angle, i) => 2 * angle - between[i]!)
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

function holders(probe: LogitProbe): Uint8Array {
  const places = Float64Array.from({ length: COUNT }, (_, i) => radians(i - 180))
  const to = (centre: number) =>
    places.map((place) => Math.acos(Math.min(Math.max(Math.cos(place - centre), -1), 1)))
  const [first, second] = [to(-HALF), to(HALF)]
  const [one, two] = [advantage(probe, first, second), advantage(probe, second, first)]
  return Uint8Array.from(places, (_, i) => {
    if (one[i]! >= 0 && one[i]! >= two[i]!) return 1
    return two[i]! >= 0 ? 2 : 0
  })
}
