import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'

export interface StreamOptions {
  /** Of the camera, as `enumerateDevices` names it. Default: what the browser takes. */
  readonly deviceId?: string | undefined
  /** A phone's camera on the side of the screen, or the other one. Default: user. */
  readonly facingMode?: 'user' | 'environment' | undefined
  /** What else the camera is asked for; replaces width and height (1280 x 720, if it can). */
  readonly constraints?: MediaTrackConstraints | undefined
}

/**
 * A camera's pictures, without sound.
 * @throws BrowserError BROWSER_INSECURE, BROWSER_CAMERA_DENIED, BROWSER_CAMERA_NONE, BROWSER_CAMERA_BUSY
 */
export async function openStream(options: StreamOptions): Promise<MediaStream> {
  const { deviceId, facingMode = 'user', constraints } = options
  const { mediaDevices } = navigator
  if (!mediaDevices)
    throw new BrowserError(
      'BROWSER_INSECURE',
      'a browser gives no camera to a page over plain HTTP',
      {
        hint: 'Serve the page over HTTPS, or from localhost.',
      },
    )
  const video = {
    width: { ideal: 1280 },
    height: { ideal: 720 },
    ...(deviceId === undefined ? { facingMode } : { deviceId: { exact: deviceId } }),
    ...constraints,
  }
  try {
    return await mediaDevices.getUserMedia({ video, audio: false })
  } catch (cause) {
    throw cameraError(cause)
  }
}

/** Ends its pictures: the camera is free, and its light goes out. */
export function release(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop()
}

/** What `getUserMedia` and `play` say, by the names of the standard. */
export function cameraError(cause: unknown): BrowserError {
  const name = cause instanceof Error ? cause.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError')
    return new BrowserError('BROWSER_CAMERA_DENIED', 'the page may not use the camera', {
      cause,
      hint: 'Allow it beside the page\'s address. In a frame of another page it needs allow="camera", and no Permissions-Policy may forbid it.',
    })
  if (name === 'NotFoundError')
    return new BrowserError('BROWSER_CAMERA_NONE', 'there is no camera', {
      cause,
      hint: 'Plug one in; a photograph from a file is recognised too.',
    })
  if (name === 'OverconstrainedError')
    return new BrowserError('BROWSER_CAMERA_NONE', 'no camera is as it is asked for', {
      cause,
      hint: 'See `deviceId` and `constraints`: what is `exact` there has to be.',
    })
  return new BrowserError(
    'BROWSER_CAMERA_BUSY',
    `the camera gives no picture: ${messageOf(cause)}`,
    {
      cause,
      hint: 'Close what else uses the camera, then try again.',
    },
  )
}
