import type { SceneHint } from '@arcface/vision'

/** All that the element says. */
export interface CameraTexts extends Record<SceneHint, string> {
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
  errors: {
    BROWSER_CAMERA_DENIED:
      'This page may not use the camera. Allow it in the address bar, then try again.',
    BROWSER_CAMERA_NONE: 'There is no camera.',
    BROWSER_CAMERA_BUSY: 'The camera gives no picture. Another program may be using it.',
    BROWSER_CAMERA_LOST: 'The camera was taken away.',
  },
}
