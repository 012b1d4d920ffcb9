import {
  type Advantage,
  boundaryAngles,
  boundaryGaps,
  boundaryHolders,
  radians,
  spaced,
} from '@arcface/evaluate'
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
      const advantage = advantageOf(probe)
      return {
        ...one,
        own,
        other: boundaryAngles(advantage, own),
        between,
        gap: boundaryGaps(advantage, between),
        circle: boundaryHolders(advantage, from(-HALF), from(HALF)),
      }
    } finally {
      probe.dispose()
    }
  })
}

const advantageOf =
  (probe: LogitProbe): Advantage =>
  (own, other) => {
    const logits = probe.at(own, other)
    return logits.own.map((logit, i) => logit - logits.other[i]!)
  }

/** Every degree from -180 to 179. */
const places = Float64Array.from({ length: COUNT }, (_, i) => radians(i - 180))

/** Angles from a centre to all places of the circle. */
const from = (centre: number): Float64Array =>
  places.map((place) => Math.acos(Math.min(Math.max(Math.cos(place - centre), -1), 1)))
