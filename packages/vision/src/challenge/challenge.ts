import type { Thresholds } from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { checkOptions, type Kinds } from '../options.js'
import { cosine } from '../similarity/cosine.js'
import {
  type ChosenThreshold,
  chooseThreshold,
  type ThresholdOptions,
} from '../threshold/threshold.js'
import type { SceneHint } from '../track/capture.js'
import type { Track } from '../track/tracker.js'
import { ACTS, type Act } from './acts.js'
import { type HeadLook, isClosed, Motion } from './motion.js'
import type { ChallengeFailure, ChallengeState, ChallengeVerdict, DoneAct } from './verdict.js'

/** What a frame shows. */
export interface ChallengeLook {
  /** Milliseconds; after the last one's. */
  readonly time: number
  /** See `sceneOf`: `ok` where one person is seen well and looks into the camera. */
  readonly hint: SceneHint
  /** The one person; undefined where nobody is seen well enough to be recognised. */
  readonly face?: FaceLook | undefined
}

export interface FaceLook extends HeadLook {
  readonly track: Pick<Track, 'id' | 'doubted'>
  /** L2-normalised. */
  readonly embedding: Float32Array
}

export interface ChallengeOptions extends ThresholdOptions {
  /** What is asked, in this order, see `drawActs`. */
  readonly acts: readonly Act[]
  /** For each act, and for looking into the camera again after it, milliseconds. Default 8,000. */
  readonly stepTime?: number | undefined
  /** For all, from the first frame on, milliseconds. Default 60,000. */
  readonly time?: number | undefined
}

const OPTIONS: Kinds<ChallengeOptions> = {
  acts: 'any',
  stepTime: 'number',
  time: 'number',
  far: 'number',
  threshold: 'number',
}

/** For so long a person is seen well before the first act is asked, milliseconds. */
const STEADY = 600
/** So long it may look otherwise meanwhile. */
const LAPSE = 300
/** So long a frame may show somebody else, several or nobody: points and embeddings of a head that moves may fail. */
const PATIENCE = 1000
/** Between two frames, milliseconds. */
const GAP = 1000

/**
 * Whether who stands before a camera does what is asked, act by act, within the time, as one person who is seen all
 * along: the face is followed without a break, and each frame that counts is embedded and compared with the first.
 * Pure: no clock, no networks; `FaceChallenge` makes the looks. What it does not stop is a video that is made, or
 * recorded, to answer: `docs/trust.md`.
 */
export class Challenge {
  private readonly identity: ChosenThreshold
  private readonly stepTime: number
  private readonly time: number
  private readonly acts: readonly Act[]
  private readonly done: DoneAct[] = []
  private phase: 'ready' | 'act' | 'front' = 'ready'
  private verdict: ChallengeVerdict | undefined
  private began: number | undefined
  private last = 0
  private good = 0
  private since = 0
  /** The first frame of the person. */
  private first: FaceLook | undefined
  private motion: Motion | undefined
  private lowest: number | null = null
  private frames = 0

  /** @throws VisionError VISION_USE: also where the model names no threshold, and none is given */
  constructor(thresholds: Thresholds | undefined, options: ChallengeOptions) {
    checkOptions('Challenge', options, OPTIONS)
    const { acts, stepTime = 8000, time = 60_000, far, threshold } = options
    if (!(Array.isArray(acts) && acts.length > 0 && acts.every((act) => ACTS.includes(act))))
      throw new VisionError('VISION_USE', `acts: a list of ${ACTS.join(', ')}`)
    if (!(stepTime > 0 && time > 0))
      throw new VisionError('VISION_USE', 'stepTime and time: milliseconds above 0')
    this.identity = chooseThreshold(thresholds, { far, threshold })
    if (this.identity.threshold === null)
      throw new VisionError('VISION_USE', 'the model names no threshold to tell people apart by', {
        hint: 'Measure its thresholds, or give a cosine as `threshold`.',
      })
    this.acts = acts
    this.stepTime = stepTime
    this.time = time
  }

  /** Whether it is the frame that the others are compared with. */
  isFirst(face: FaceLook): boolean {
    return this.first === face
  }

  /** What the next frame tells. After the end nothing changes. */
  update(look: ChallengeLook): ChallengeState {
    if (this.verdict === undefined) {
      const failure = this.next(look)
      if (failure !== undefined) this.end(failure)
    }
    return this.state
  }

  get state(): ChallengeState {
    const { verdict, phase } = this
    const of = this.acts.length
    const done = this.done.length
    const until = Math.min(this.stepEnd, this.allEnd)
    const left = verdict ? 0 : Math.max(0, until - this.last)
    const ask = verdict ? null : phase === 'act' ? this.acts[done]! : phase
    return { ask, done, of, left, verdict }
  }

  private get stepEnd(): number {
    return this.phase === 'ready' ? Infinity : this.since + this.stepTime
  }

  private get allEnd(): number {
    return (this.began ?? this.last) + this.time
  }

  /** @returns why the challenge has failed, null where it is met, undefined where it goes on */
  private next(look: ChallengeLook): ChallengeFailure | null | undefined {
    const { time } = look
    const before = this.last
    if (!Number.isFinite(time) || (this.began !== undefined && time < before)) return 'clock'
    this.last = time
    if (this.began === undefined) this.began = this.good = time
    else if (time - before > GAP) return 'gap'
    if (time > this.allEnd || time > this.stepEnd) return 'late'
    return this.phase === 'ready' ? this.ready(look) : this.step(look)
  }

  private ready({ face, hint, time }: ChallengeLook): undefined {
    if (face !== undefined && hint === 'ok' && !isClosed(face)) {
      if (this.first === undefined) this.begin(face, time)
      if (face.track.id === this.first!.track.id && this.isSame(face)) {
        this.good = time
        if (time - this.since >= STEADY) this.ask(face, time)
        return
      }
    }
    if (time - this.good > LAPSE) this.first = undefined
  }

  private begin(face: FaceLook, time: number): void {
    this.first = face
    this.since = time
    this.frames = 0
    this.lowest = null
  }

  private ask({ eyes }: FaceLook, time: number): void {
    this.good = time
    this.since = time
    this.phase = 'act'
    this.motion = new Motion({ yaw: this.first!.yaw, eyes, closed: undefined })
  }

  private step({ face, hint, time }: ChallengeLook): ChallengeFailure | null | undefined {
    const first = this.first!
    const amiss =
      hint === 'alone' ? 'several' : face === undefined ? 'nobody' : this.otherThan(first, face)
    if (amiss === 'jumped') return amiss
    if (amiss !== undefined) return time - this.good > PATIENCE ? amiss : undefined
    this.good = time
    const motion = this.motion!
    const asked = this.acts[this.done.length]!
    const seen = motion.update(face!, time)
    if (motion.isAgainst(asked, seen)) return 'wrong'
    if (this.phase === 'act') {
      if (seen.has(asked)) this.phase = 'front'
      return undefined
    }
    if (!motion.isFront(face!) || isClosed(face!)) return undefined
    this.done.push({ act: asked, took: time - this.since })
    if (this.done.length === this.acts.length) return null
    this.ask(face!, time)
    return undefined
  }

  private otherThan(
    first: FaceLook,
    { track, embedding }: FaceLook,
  ): 'jumped' | 'another' | undefined {
    if (track.id !== first.track.id || track.doubted !== first.track.doubted) return 'jumped'
    return this.isSame({ embedding }) ? undefined : 'another'
  }

  /** Whether a face is that of the first frame; then it counts. */
  private isSame({ embedding }: Pick<FaceLook, 'embedding'>): boolean {
    const similarity = cosine(this.first!.embedding, embedding)
    if (!(similarity > this.identity.threshold!)) return false
    this.frames++
    this.lowest = Math.min(this.lowest ?? 1, similarity)
    return true
  }

  private end(failure: ChallengeFailure | null): void {
    const { lowest, frames, done } = this
    const took = this.last - (this.began ?? this.last)
    const identity = { ...this.identity, lowest, frames }
    this.verdict = { passed: failure === null, failure, acts: [...done], identity, took }
  }
}
