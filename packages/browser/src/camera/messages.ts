import type {
  ChallengeState,
  EmbeddedFace,
  Face,
  FollowerOptions,
  Guidance,
  IdentifiedFace,
  IdentifyPhotoOptions,
  Photo,
  SceneHint,
  SearchThresholdOptions,
} from '@arcface/vision'

/** How the person of a track is looked for in the recognizer's gallery. */
export interface CameraIdentifyOptions
  extends SearchThresholdOptions,
    Pick<IdentifyPhotoOptions, 'top' | 'filter'> {}

/** What is done with frames in the worker. */
export interface FollowOptions extends FollowerOptions {
  /** Looks in the recognizer's gallery for who it is, whenever a face is embedded. Default false. */
  readonly identify?: boolean | CameraIdentifyOptions | undefined
  /** Adds a picture of the aligned face to what is embedded. */
  readonly thumbnails?: boolean | undefined
}

export interface FrameArgs {
  /** Number of the camera. */
  readonly camera: number
  readonly frame: VideoFrame | ImageBitmap
  /** It is looked at in this size. */
  readonly width: number
  readonly height: number
  /** Milliseconds. */
  readonly time: number
  /** Number of the capture that waits. */
  readonly capture?: number | undefined
}

/** Who somebody is, and by which threshold: `matches` is empty for a stranger, and where none is known. */
export interface Identity extends Omit<IdentifiedFace, keyof EmbeddedFace> {}

/** A face in a frame, in pixels of what is looked at. */
export interface SeenFace extends Face {
  /** Of its track: the same from frame to frame, never given to another face. */
  readonly id: number
  /** What the person is to be told, and the figure that led to it. */
  readonly hint: Guidance['hint']
  readonly because?: Guidance['because']
}

/** The best face of a track until now. */
export interface TrackFace {
  readonly id: number
  readonly face: EmbeddedFace
}

export interface IdentifiedTrack extends TrackFace {
  readonly identity: Identity
}

export interface SeenFrame {
  readonly faces: readonly SeenFace[]
  /** What to tell who stands before the camera. */
  readonly hint: SceneHint
  readonly because?: Guidance['because']
  readonly embedded?: TrackFace
  readonly identified?: IdentifiedTrack
  /** Tracks that ended. */
  readonly lost: readonly number[]
  readonly captured?: CapturedFace
  /** How far a challenge is, while one runs; in its last frame, where it is passed, by which frame to recognise who passed. */
  readonly challenge?: { readonly number: number; readonly state: ChallengeState }
  readonly passed?: CapturedFace
}

/** The best of the frames in which one person was seen well. */
export interface CapturedFace {
  /** Of its track. */
  readonly id: number
  /** The whole frame; `recognizer.enroll` takes it. */
  readonly photo: Photo
  /** In the pixels of `photo`, with its thumbnail. */
  readonly face: EmbeddedFace
}
