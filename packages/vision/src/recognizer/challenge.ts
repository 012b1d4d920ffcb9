import type { FaceChallenge } from '../challenge/face-challenge.js'
import type { ChallengeState } from '../challenge/verdict.js'
import type { FollowedFrame } from '../track/follower.js'
import type { EmbeddedFace } from './results.js'

/** A challenge over photographs that come one after another. */
export class PhotoChallenge<Source> {
  private last: Promise<unknown> = Promise.resolve()
  private time = -Infinity

  constructor(
    private readonly challenge: FaceChallenge<undefined>,
    private readonly follow: (
      source: Source,
      time: number,
      signal: AbortSignal | undefined,
    ) => Promise<FollowedFrame>,
  ) {}

  get state(): ChallengeState {
    return this.challenge.state
  }

  /** The face that all frames were compared with: by it who has passed is to be recognised. */
  get face(): EmbeddedFace | undefined {
    const { captured } = this.challenge
    if (captured === undefined) return undefined
    const { box, points, score, quality, grade, rejected } = captured.face
    return { box, points, score, quality, grade, rejected, embedding: captured.embedding }
  }

  /**
   * What the next frame tells; in the order of the calls, which need not wait for each other.
   * @param time of the frame, milliseconds
   * @throws what reader and runtime throw: such a frame is none; the signal's reason
   */
  frame(
    source: Source,
    time: number,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ChallengeState> {
    const next = this.last.then(async () => {
      if (this.state.verdict) return this.state
      // Of a clock that goes back the follower knows nothing to say.
      const isBack = !(time >= this.time)
      if (!isBack) this.time = time
      const followed = isBack ? { faces: [] } : await this.follow(source, time, signal)
      return this.challenge.update(undefined, followed, time)
    })
    this.last = next.catch(() => {})
    return next
  }
}
