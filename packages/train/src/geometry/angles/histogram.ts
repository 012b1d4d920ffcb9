import { radians } from '@arcface/evaluate'
import { meanOf } from './statistics.js'

/** Degrees a bin; the bins go from 0 to 180. */
export const BIN_DEGREES = 3
const BINS = 180 / BIN_DEGREES

export interface AngleHistogram {
  /** Share of the angles in each bin; their sum is 1. */
  shares: Float64Array
  /** Radians. */
  mean: number
}

/** How angles (radians, one at least) are spread over bins of three degrees. */
export function angleHistogram(angles: Float64Array): AngleHistogram {
  const shares = new Float64Array(BINS)
  for (const angle of angles) {
    const bin = Math.min(Math.floor(angle / radians(BIN_DEGREES)), BINS - 1)
    shares[bin]! += 1 / angles.length
  }
  return { shares, mean: meanOf(angles) }
}
