import type { ChallengeState, Guidance, SceneHint } from '@arcface/vision'
import type { IdentifiedTrack, Identity, SeenFace, TrackFace } from './messages.js'

/**
 * `starting`: asks for the camera; `running`; `paused`: the page is hidden, or the system holds the pictures back; `failed`:
 * the camera is free again, `error` says why; `stopped`.
 */
export type CameraState = 'stopped' | 'starting' | 'running' | 'paused' | 'failed'

/** A face in a frame, in pixels of the video. */
export interface CameraFace extends SeenFace {
  /** Who it is, where `identify` asks for it and the track was embedded. */
  readonly identity?: Identity
}

export interface CameraFrame {
  /** The most certain first. */
  readonly faces: readonly CameraFace[]
  /** What to tell who stands before the camera: that of the nearest face, or that there is `nobody`, or several (`alone`). */
  readonly hint: SceneHint
  readonly because?: Guidance['because']
  /** Of the video, pixels. */
  readonly width: number
  readonly height: number
  /** When the frame was taken, milliseconds, as `performance.now`. */
  readonly time: number
  /** How long it took, milliseconds. */
  readonly took: number
  /** Frames since the last one that were not looked at, for it was still in work. */
  readonly dropped: number
}

/** Mostly a BrowserError; of networks, an error of vision. */
export interface CameraFailure extends Error {
  readonly code?: string | undefined
  readonly hint?: string | undefined
}

export interface CameraEvents {
  /** Every frame that was looked at. */
  frame: CustomEvent<CameraFrame>
  /** A face that is new. */
  track: CustomEvent<CameraFace>
  /** A track was embedded: soon after it began, and again when its face is seen clearly better. */
  face: CustomEvent<TrackFace>
  /** Who a track is, where `identify` asks for it: after each `face`, and when the gallery has changed. */
  identified: CustomEvent<IdentifiedTrack>
  /** A track ended: its face was not seen for a second, or the camera stopped. */
  lost: CustomEvent<{ readonly id: number }>
  /** Every frame of a challenge: what is asked now, and at last the verdict. */
  challenge: CustomEvent<ChallengeState>
  state: CustomEvent<CameraState>
  /** Why the camera stopped. */
  error: CustomEvent<CameraFailure>
}

/** An `EventTarget` whose listeners know what they are told. */
export interface CameraTarget extends EventTarget {
  addEventListener<K extends keyof CameraEvents>(
    kind: K,
    listener: ((event: CameraEvents[K]) => void) | null,
    options?: AddEventListenerOptions | boolean,
  ): void
  addEventListener(...given: Parameters<EventTarget['addEventListener']>): void
  removeEventListener<K extends keyof CameraEvents>(
    kind: K,
    listener: ((event: CameraEvents[K]) => void) | null,
    options?: EventListenerOptions | boolean,
  ): void
  removeEventListener(...given: Parameters<EventTarget['removeEventListener']>): void
}

export const CameraTarget = EventTarget as new () => CameraTarget
