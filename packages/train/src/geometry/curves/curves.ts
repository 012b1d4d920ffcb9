import { radians, spaced } from '@arcface/evaluate'
import type { NamedLoss } from '../named-loss.js'
import { LogitProbe } from '../probe.js'

/** The logit of a sample's own class against its angle to that class's centre. */
export interface TargetCurve extends NamedLoss {
  /** Radians. */
  angles: Float64Array
  /** Logits divided by the scale of the loss. */
  logits: Float64Array
}

/** The range that the paper draws (arXiv 1801.07698, figure 4), every half degree. */
export const paperAngles = spaced(radians(20), radians(100), 161)

/**
 * Target logits of losses, by `angles` in radians.
 * @throws TrainError TRAIN_LOSS if one is unknown or has no logits
 */
export function targetCurves(
  losses: readonly NamedLoss[],
  angles: Float64Array = paperAngles,
): TargetCurve[] {
  return losses.map((one) => {
    const probe = new LogitProbe(one, angles.length)
    try {
      return { ...one, angles, logits: probe.at(angles, angles).own }
    } finally {
      probe.dispose()
    }
  })
}
