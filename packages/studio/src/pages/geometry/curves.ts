import {
  boundaryAngles,
  degrees,
  type Margins,
  marginAdvantage,
  namedMargins,
  radians,
  sampleLoss,
  spaced,
  targetLogit,
  targetSlope,
} from '@arcface/evaluate'
import type { PresetName, Settings } from './settings.js'

// Each curve is over the same angles: every half degree from 0 to 180.

export const DEGREES = spaced(0, 180, 361)
const ANGLES = DEGREES.map(radians)

/** The logit of the true class divided by the scale. */
export const targetCurve = (margins: Margins): Float64Array =>
  ANGLES.map((theta) => targetLogit(theta, margins))

/** By how much that falls as the angle grows: the pull of the margin alone, without softmax and scale. */
export const slopeCurve = (margins: Margins, gradient: Settings['gradient']): Float64Array =>
  ANGLES.map((theta) => -targetSlope(theta, margins, gradient))

/** The derivative of the loss by theta. */
export const pullCurve = (settings: Settings): Float64Array =>
  ANGLES.map((theta) => sampleLoss({ ...settings, theta }).byTheta)

/** The probability of the true class. */
export const probabilityCurve = (settings: Settings): Float64Array =>
  ANGLES.map((theta) => sampleLoss({ ...settings, theta }).probability)

/**
 * By how many degrees the other centre has to be farther away than the own one, at each angle to the own; null where it
 * cannot be far enough.
 */
export const widthCurve = (margins: Margins): (number | null)[] =>
  Array.from(boundaryAngles(marginAdvantage(margins), ANGLES), (other, i) =>
    Number.isNaN(other) ? null : degrees(other - ANGLES[i]!),
  )

/** The probability that a sample on its centre can reach at most, the others being as far as `other`. */
export const highest = (settings: Settings): number =>
  sampleLoss({ ...settings, theta: 0 }).probability

/** The scale from which on a sample on its centre can have a probability; infinite where no scale does. */
export function scaleFor({ classes, other, margins }: Settings, probability: number): number {
  const ahead = targetLogit(0, margins) - Math.cos(other)
  const needed = Math.log(((classes - 1) * probability) / (1 - probability))
  return ahead > 0 ? needed / ahead : Number.POSITIVE_INFINITY
}

/** The same settings under the margins of a preset. */
export const under = (settings: Settings, name: PresetName): Settings => ({
  ...settings,
  margins: namedMargins[name],
})
