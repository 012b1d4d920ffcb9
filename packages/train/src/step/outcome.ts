/** What came of a step. */
export interface StepOutcome {
  loss: number
  lr: number
  marginShare: number
  /** L2 norm of the backbone's gradients before clipping. */
  gradNorm: number
  /** That of the centres' gradients; null where these never exist as a whole. */
  headGradNorm: number | null
  /** Mean angle in radians between an embedding and its person's centre, without margin; null without centres. */
  targetAngle: number | null
  /** The first part that was NaN or infinite: then weights and statistics are as they were before the step. */
  nonFinite: string | null
}
