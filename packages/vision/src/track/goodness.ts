import { limitsOf } from '../quality/limits.js'
import type { Quality } from '../quality/quality.js'

const { eyes: EYES, sharpness: SHARP, noise: NOISE, yaw: YAW, pitch: PITCH } = limitsOf()

/** 0 for nothing, a half at the limit, 1 without end. */
const share = (value: number, limit: number) => value / (value + limit)

/**
 * How good a picture of a face is to recognise it by, 0 to 1: the product of what each figure is worth, so that it rises
 * with each of them and the worst counts most. Distance of the eyes, sharpness, noise and pose are worth a half where a
 * face is rejected by default, plausibility is its own worth, and so is what is not flat.
 */
export function goodnessOf(quality: Quality): number {
  const { eyes, sharpness, noise, flat, yaw, pitch, plausibility } = quality
  const turned = (yaw / YAW) ** 2 + (pitch / PITCH) ** 2
  return (
    share(eyes, EYES) *
    share(sharpness, SHARP) *
    share(1, noise / NOISE) *
    share(1, turned) *
    plausibility *
    (1 - flat)
  )
}
