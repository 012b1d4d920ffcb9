import type { Act, ChallengeFailure, SceneHint } from '@arcface/vision'

/** All that the element says. */
export interface CameraTexts extends Record<SceneHint | Act | 'front', string> {
  /** What the picture is, for who does not see it. */
  readonly video: string
  /** Models are on their way. */
  readonly loading: string
  /** The browser asks whether the page may use the camera. */
  readonly starting: string
  readonly stopped: string
  readonly start: string
  readonly again: string
  /** Who is nobody of the gallery. */
  readonly stranger: string
  /** A challenge was passed. */
  readonly passed: string
  /** Why not. */
  readonly failures: Readonly<Record<ChallengeFailure, string>>
  /** Of errors by their codes; others say their own message and hint. */
  readonly errors: Readonly<Record<string, string>>
}

export const ENGLISH: CameraTexts = {
  video: 'What the camera sees',
  loading: 'Loading the models',
  starting: 'Allow the camera, please',
  stopped: 'The camera is off',
  start: 'Start the camera',
  again: 'Try again',
  stranger: 'Not known',
  nobody: 'Nobody to be seen',
  alone: 'One person at a time',
  nearer: 'Come nearer',
  inside: 'Move into the picture',
  forward: 'Look at the camera',
  light: 'Turn to the light',
  still: 'Hold still',
  ok: 'Good',
  left: 'Turn your head slowly to the left',
  right: 'Turn your head slowly to the right',
  blink: 'Close your eyes for a moment',
  front: 'Look at the camera again',
  passed: 'Done',
  failures: {
    nobody: 'The face was lost. Try again.',
    several: 'Several people were seen. Try again, one at a time.',
    another: 'The face changed. Try again.',
    jumped: 'The face moved too fast to be followed. Try again, slowly.',
    wrong: 'That was not what was asked. Try again.',
    late: 'Time ran out. Try again.',
    gap: 'The camera stopped for a moment. Try again.',
    clock: 'The clock of this device went back. Try again.',
  },
  errors: {
    BROWSER_CAMERA_DENIED:
      'This page may not use the camera. Allow it in the address bar, then try again.',
    BROWSER_CAMERA_NONE: 'There is no camera.',
    BROWSER_CAMERA_BUSY: 'The camera gives no picture. Another program may be using it.',
    BROWSER_CAMERA_LOST: 'The camera was taken away.',
  },
}
