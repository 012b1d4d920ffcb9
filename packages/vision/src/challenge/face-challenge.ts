import type { Thresholds } from '@arcface/onnx'
import type { Embedder } from '../embedder/embedder.js'
import { VisionError } from '../errors.js'
import type { Random } from '../random/random.js'
import { sceneOf } from '../track/capture.js'
import type { FollowedFace, FollowedFrame } from '../track/follower.js'
import { ACTS, type Act, drawActs } from './acts.js'
import { Challenge, type ChallengeOptions, type FaceLook } from './challenge.js'
import type { EyeReader } from './eyes.js'
import type { ChallengeState } from './verdict.js'

/** What a challenge looks with; the caller's, who closes it. */
export interface ChallengeParts {
  readonly embedder: Pick<Embedder, 'embed'>
  /** The model's own. */
  readonly thresholds: Thresholds | undefined
  /** Without it nobody is asked to blink. */
  readonly eyes: Pick<EyeReader, 'closed'> | undefined
}

export interface FaceChallengeOptions extends Omit<ChallengeOptions, 'acts'> {
  /** What is asked, in an order that is drawn. Default: all acts, `blink` where there is a network of eyes. */
  readonly acts?: readonly Act[] | undefined
}

/** The frame that the others were compared with. */
export interface FirstFrame<Frame> {
  readonly photo: Frame
  readonly face: FollowedFace
  /** L2-normalised. */
  readonly embedding: Float32Array
}

/** A challenge over the frames of a video that a `FaceFollower` follows: every face of one person is embedded. */
export class FaceChallenge<Frame> {
  private readonly challenge: Challenge
  private first: FirstFrame<Frame> | undefined

  /**
   * @param random draws the order: seeded by what nobody foresees
   * @throws VisionError VISION_USE: as `Challenge`, and `blink` where there is no network of eyes
   */
  constructor(
    private readonly parts: ChallengeParts,
    random: Random,
    { acts, ...options }: FaceChallengeOptions = {},
  ) {
    const hasEyes = parts.eyes !== undefined
    if (acts?.includes('blink') && !hasEyes)
      throw new VisionError(
        'VISION_USE',
        'acts: the models have no network of eyes to see a blink',
        {
          hint: 'Ask for the other acts, or take a pack with a network of eyes.',
        },
      )
    const among = acts ?? ACTS.filter((act) => act !== 'blink' || hasEyes)
    this.challenge = new Challenge(parts.thresholds, { ...options, acts: drawActs(random, among) })
  }

  get state(): ChallengeState {
    return this.challenge.state
  }

  /** The frame that the others were compared with: who has passed is to be recognised by it. */
  get captured(): FirstFrame<Frame> | undefined {
    return this.first
  }

  /**
   * @param photo stands for the frame in `captured`: kept, and not looked at
   * @param followed what the follower found in it
   * @param time of the frame, milliseconds
   * @throws what the runtime throws
   */
  async update(
    photo: Frame,
    { faces }: Pick<FollowedFrame, 'faces'>,
    time: number,
  ): Promise<ChallengeState> {
    const { hint, face } = sceneOf(faces)
    const isSeen = face !== undefined && face.rejected.length === 0 && hint !== 'alone'
    const look = isSeen ? await this.look(face) : undefined
    const state = this.challenge.update({ time, hint, face: look })
    if (look !== undefined && this.challenge.isFirst(look))
      this.first = { photo, face: face!, embedding: look.embedding }
    return state
  }

  private async look({ track, quality, pixels }: FollowedFace): Promise<FaceLook> {
    const { embedder, eyes } = this.parts
    const [embedding, closed] = await Promise.all([embedder.embed(pixels, 1), eyes?.closed(pixels)])
    return { track, yaw: quality.yaw, eyes: quality.eyes, closed, embedding }
  }
}
