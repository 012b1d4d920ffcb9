import type { StepFigures } from '../run/metrics.js'

/** What came of a step. */
export interface StepOutcome extends StepFigures {
  /** The first part that was NaN or infinite: then weights and statistics are as they were before the step. */
  nonFinite: string | null
}
