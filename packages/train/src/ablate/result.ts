import type { RunAngles } from '../geometry/angles/measure.js'
import type { VerifyMetrics } from '../run/metrics.js'

/** What one trial reached. */
export interface TrialResult {
  label: string
  seed: number
  loss: string
  /** Every verification, in order of steps. */
  verified: VerifyMetrics[]
  /** After the last step: on the training data, and on the people of each verification set that has a folder. */
  angles: Pick<RunAngles, 'centres' | 'sets'>
}
