import type { ChosenThreshold } from '../threshold/threshold.js'
import type { Act } from './acts.js'

/**
 * Why a challenge was not met. For longer than a moment: `nobody` was seen well enough, `several` were, or `another` than in
 * the first frame. At once: the face `jumped` (lost, or taken for another's), another act than the one asked was done
 * (`wrong`), time ran out (`late`), frames were missing (`gap`), and a clock that went back (`clock`).
 */
export type ChallengeFailure =
  | 'nobody'
  | 'several'
  | 'another'
  | 'jumped'
  | 'wrong'
  | 'late'
  | 'gap'
  | 'clock'

/** An act that was done. */
export interface DoneAct {
  readonly act: Act
  /** From when it was asked to when the person looked into the camera again, milliseconds. */
  readonly took: number
}

export interface ChallengeVerdict {
  readonly passed: boolean
  /** Why not; null where it was passed. */
  readonly failure: ChallengeFailure | null
  /** Those that were done, in their order. */
  readonly acts: readonly DoneAct[]
  /** That all frames show one person. */
  readonly identity: ChosenThreshold & {
    /** Cosine to the first frame of the frame that was least like it, of those that count; null where there is none. */
    readonly lowest: number | null
    /** Frames that count: alone, well seen, and the same person's as the first. */
    readonly frames: number
  }
  /** From the first frame, milliseconds. */
  readonly took: number
}

/** How far a challenge is. */
export interface ChallengeState {
  /** What to do now: look into the camera (`ready`), an act, look into the camera again (`front`); null when it is over. */
  readonly ask: Act | 'ready' | 'front' | null
  /** Acts that are done, and how many there are. */
  readonly done: number
  readonly of: number
  /** What is left for what is asked now, milliseconds. */
  readonly left: number
  /** When it is over. */
  readonly verdict: ChallengeVerdict | undefined
}
