import type { LivenessPoint } from './part.js'

/**
 * Why it is not said whether a face is living: it is rejected for its quality, the picture's border cuts it, or it has
 * fewer pixels than the networks look at.
 */
export type Unsure = 'rejected' | 'border' | 'small'

/** Whether a face looks like a living one, or like a picture of one: what networks make of its texture, no proof. */
export interface Liveness {
  /** From 0 to 1, 1 is living: the mean of the networks' scores. */
  readonly score: number
  readonly threshold: number
  /** What the threshold stands for: the rates measured at it, by whom and on what. */
  readonly stands: LivenessPoint
  /** Whether the score reaches the threshold; null where it is not said. */
  readonly live: boolean | null
  /** Why it is not said; empty where it is. */
  readonly unsure: readonly Unsure[]
  /** Of each network (its file), the mean over several crops. */
  readonly scores: readonly { readonly model: string; readonly score: number }[]
}
