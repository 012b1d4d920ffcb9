import type { ChallengeVerdict, FaceChallengeOptions } from '@arcface/vision'
import type { CapturedFace, SeenFrame } from './messages.js'

export interface CameraChallengeOptions extends FaceChallengeOptions {
  readonly signal?: AbortSignal | undefined
}

/** What came of a challenge: whether it was passed is a field, and no error. */
export interface ChallengeResult extends ChallengeVerdict {
  /** Where it was passed: the frame that all others were compared with, by which who passed is to be recognised. */
  readonly captured?: CapturedFace
}

/** Who waits for the end of a challenge. */
export class ChallengeWait {
  readonly result: Promise<ChallengeResult>
  /** Of the challenge in the worker. */
  number: number | undefined
  #resolve: (result: ChallengeResult) => void = () => {}
  #reject: (reason: unknown) => void = () => {}

  constructor() {
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Who asked hears of it; a camera that stops before is no error of the page.
    this.result.catch(() => {})
  }

  read({ challenge, passed }: SeenFrame): void {
    const { number, state } = challenge ?? {}
    if (state?.verdict && number === this.number)
      this.#resolve({ ...state.verdict, ...(passed && { captured: passed }) })
  }

  fail(reason: unknown): void {
    this.#reject(reason)
  }
}
