import { BrowserError } from '../errors.js'
import { checkOptions, type Kinds } from '../options.js'
import { type Link, linkOf, type Recognizer } from '../recognizer/recognizer.js'
import { CaptureQueue } from './capture.js'
import { type CameraChallengeOptions, type ChallengeResult, ChallengeWait } from './challenge.js'
import { type CameraEvents, type CameraState, CameraTarget } from './events.js'
import { frameOf, onFrames, sizeWithin } from './frames.js'
import type { CapturedFace, FollowOptions, FrameArgs, SeenFrame } from './messages.js'
import { cameraError, openStream, release, type StreamOptions } from './stream.js'
import { SeenTracks } from './tracks.js'

export interface FaceCameraOptions extends StreamOptions, FollowOptions {
  /** Shows the camera's picture. Default: one of the camera's own, which is in no page. */
  readonly video?: HTMLVideoElement | undefined
  /** Frames are looked at in this size, the longer side in pixels; larger ones are made smaller. Default 960. */
  readonly longest?: number | undefined
}

const OPTIONS: Kinds<FaceCameraOptions> = {
  video: 'any',
  longest: 'number',
  deviceId: 'text',
  facingMode: ['user', 'environment'],
  constraints: 'any',
  identify: 'any',
  thumbnails: 'boolean',
  embed: 'boolean',
  patience: 'number',
  minScore: 'number',
  quality: 'any',
}

/** What lasts from a start to the stop. */
interface Run {
  stream?: MediaStream
  /** The camera's number in the worker. */
  number?: number
  isOver: boolean
  isBusy: boolean
  /** A newer frame is there than the one in work. */
  isBehind: boolean
  dropped: number
  /** Ends frames and listeners. */
  readonly ends: (() => void)[]
  readonly tracks: SeenTracks
}

/**
 * Follows the faces that a camera sees, by a recognizer: one look a frame, and an embedding only where a face is new or
 * seen clearly better. While a frame is in work the next ones are dropped. It tells by events, `CameraEvents`; each frame
 * says what its people are to be told. The camera is free again after `stop`, after an error, and when the recognizer
 * closes. While the page is hidden, or the system holds the camera's pictures back, it is paused.
 */
export class FaceCamera extends CameraTarget {
  /** Shows what the camera sees. */
  readonly video: HTMLVideoElement
  readonly #options: FaceCameraOptions
  readonly #link: Link
  readonly #captures = new CaptureQueue()
  #challenge: ChallengeWait | undefined
  #state: CameraState = 'stopped'
  #run: Run | undefined
  #started: Promise<void> | undefined

  /** @throws BrowserError BROWSER_USE */
  constructor(recognizer: Recognizer, options: FaceCameraOptions = {}) {
    super()
    checkOptions('FaceCamera', options, OPTIONS)
    const { longest = 1 } = options
    if (!(longest >= 1))
      throw new BrowserError('BROWSER_USE', `longest: a number of pixels, not ${longest}`)
    this.#options = options
    this.#link = linkOf(recognizer)
    this.video = options.video ?? document.createElement('video')
  }

  get state(): CameraState {
    return this.#state
  }

  /**
   * Asks for the camera, which may ask a person; done when it shows a picture. Where it runs already, nothing happens.
   * @throws BrowserError BROWSER_INSECURE, BROWSER_CAMERA_DENIED, BROWSER_CAMERA_NONE, BROWSER_CAMERA_BUSY, BROWSER_USE (the
   *   recognizer is closed, the camera was stopped meanwhile); VisionError VISION_USE
   */
  start(): Promise<void> {
    if (this.#run === undefined) {
      const run: Run = {
        isOver: false,
        isBusy: false,
        isBehind: false,
        dropped: 0,
        ends: [],
        tracks: new SeenTracks(),
      }
      this.#run = run
      this.#started = this.#start(run)
    }
    return this.#started!
  }

  /** Frees the camera. Calling it again does nothing. */
  stop(): void {
    if (this.#run) this.#end(this.#run, 'stopped')
  }

  /**
   * The best frame of one person, once all was well for a moment: `hint` of `frame` was `ok`. For enrolment:
   * `recognizer.enroll(photo, { person })`.
   * @throws the signal's reason; BrowserError BROWSER_USE (the camera does not run, or was stopped); why it failed
   */
  async capture({ signal }: { readonly signal?: AbortSignal } = {}): Promise<CapturedFace> {
    if (this.#run === undefined) throw new BrowserError('BROWSER_USE', 'the camera does not run')
    return this.#captures.wait(signal)
  }

  /**
   * Asks who stands before the camera to turn the head, close the eyes for a moment and come nearer, in an order that
   * nobody foresees; events `challenge` tell what is asked. What it does not stop is in `docs/trust.md`.
   * @throws the signal's reason; VisionError VISION_USE; BrowserError BROWSER_USE (the camera does not run, was stopped, or
   *   a challenge runs already), as `Recognizer.liveness`; why the camera failed
   */
  async challenge({ signal, ...options }: CameraChallengeOptions = {}): Promise<ChallengeResult> {
    signal?.throwIfAborted()
    const run = this.#run
    if (run?.number === undefined) throw new BrowserError('BROWSER_USE', 'the camera does not run')
    if (this.#challenge) throw new BrowserError('BROWSER_USE', 'a challenge runs already')
    const wait = new ChallengeWait()
    this.#challenge = wait
    const ask = (args: object) =>
      this.#link.ask<number>('camera.challenge', { camera: run.number, ...args })
    const abort = () => {
      wait.fail(signal!.reason)
      ask({}).catch(() => {})
    }
    signal?.addEventListener('abort', abort)
    try {
      wait.number = await ask({ options })
      return await wait.result
    } finally {
      signal?.removeEventListener('abort', abort)
      if (this.#challenge === wait) this.#challenge = undefined
    }
  }

  async #start(run: Run): Promise<void> {
    try {
      run.ends.push(this.#link.onClose(() => this.#end(run, 'stopped')))
      this.#enter('starting')
      const { video: _, longest: __, deviceId, facingMode, constraints, ...follow } = this.#options
      // What is wrong with the options is said before a person is asked.
      run.number = await this.#link.ask<number>('camera.start', follow)
      this.#checkRuns(run)
      const stream = await openStream({ deviceId, facingMode, constraints })
      run.stream = stream
      this.#checkRuns(run)
      this.#watch(run, stream)
      await this.#show(stream)
      this.#checkRuns(run)
      run.ends.push(onFrames(this.video, () => void this.#look(run)))
      this.#enter(document.hidden ? 'paused' : 'running')
      this.#checkRuns(run) // a listener may have stopped it
    } catch (error) {
      if (!run.isOver) this.#end(run, 'failed', error as Error)
      // What came after it was stopped.
      release(run.stream)
      this.#forget(run)
      throw error
    }
  }

  #checkRuns(run: Run): void {
    if (run.isOver)
      throw new BrowserError('BROWSER_USE', 'the camera was stopped before it had started')
  }

  #watch(run: Run, stream: MediaStream): void {
    const listener = new AbortController()
    const { signal } = listener
    run.ends.push(() => listener.abort())
    const [track] = stream.getVideoTracks()
    track?.addEventListener(
      'ended',
      () => {
        const lost = new BrowserError('BROWSER_CAMERA_LOST', 'the camera was taken away', {
          hint: 'Plug it in again, or allow it again, and start anew.',
        })
        this.#end(run, 'failed', lost)
      },
      { signal },
    )
    let isHeld = false
    const rest = () => {
      if (this.#state === 'running' || this.#state === 'paused')
        this.#enter(document.hidden || isHeld ? 'paused' : 'running')
    }
    document.addEventListener('visibilitychange', rest, { signal })
    for (const kind of ['mute', 'unmute'] as const)
      track?.addEventListener(
        kind,
        () => {
          isHeld = kind === 'mute'
          rest()
        },
        { signal },
      )
  }

  async #show(stream: MediaStream): Promise<void> {
    const { video } = this
    video.muted = true
    video.playsInline = true
    video.srcObject = stream
    await video.play().catch((cause) => {
      throw cameraError(cause)
    })
  }

  async #look(run: Run): Promise<void> {
    if (this.#state !== 'running' || this.video.videoWidth === 0) return
    if (run.isBusy) {
      // Of those that come meanwhile the last one is next.
      if (run.isBehind) run.dropped++
      run.isBehind = true
      return
    }
    run.isBusy = true
    const { dropped } = run
    run.dropped = 0
    try {
      const time = performance.now()
      const { scale, ...size } = sizeWithin(this.video, this.#options.longest ?? 960)
      const frame = await frameOf(this.video, size)
      if (run.isOver) return frame.close()
      const capture = this.#captures.number
      const args: FrameArgs = { camera: run.number!, frame, ...size, time, capture }
      const seen = await this.#link.ask<SeenFrame>('camera.frame', args, { transfer: [frame] })
      if (run.isOver) return
      const { videoWidth, videoHeight } = this.video
      const took = performance.now() - time
      const taken = { width: videoWidth, height: videoHeight, scale, time, took, dropped }
      for (const [kind, detail] of run.tracks.read(seen, taken)) {
        this.#dispatch(kind, detail)
        if (run.isOver) return // a listener has stopped it
      }
      if (seen.captured) this.#captures.give(seen.captured)
      this.#challenge?.read(seen)
    } catch (error) {
      if (!run.isOver) this.#end(run, 'failed', error as Error)
    } finally {
      run.isBusy = false
    }
    if (run.isBehind && !run.isOver) {
      run.isBehind = false
      void this.#look(run)
    }
  }

  #end(run: Run, state: 'stopped' | 'failed', error?: Error): void {
    if (run.isOver) return
    run.isOver = true
    this.#run = undefined
    for (const end of run.ends) end()
    release(run.stream)
    if (this.video.srcObject === run.stream) this.video.srcObject = null
    this.#forget(run)
    const reason = error ?? new BrowserError('BROWSER_USE', 'the camera was stopped')
    this.#captures.fail(reason)
    this.#challenge?.fail(reason)
    for (const [kind, detail] of run.tracks.end()) this.#dispatch(kind, detail)
    this.#enter(state)
    if (error) this.#dispatch('error', error)
  }

  /** Where the worker has ended, it has forgotten. */
  #forget({ number: camera }: Run): void {
    if (camera !== undefined) this.#link.ask('camera.stop', { camera }).catch(() => {})
  }

  #enter(state: CameraState): void {
    if (this.#state === state) return
    this.#state = state
    this.#dispatch('state', state)
  }

  #dispatch<K extends keyof CameraEvents>(kind: K, detail: CameraEvents[K]['detail']): void {
    this.dispatchEvent(new CustomEvent(kind, { detail }))
  }
}
