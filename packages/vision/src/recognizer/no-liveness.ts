import { VisionError } from '../errors.js'

/** Stands for networks that nobody gave. @throws VisionError VISION_USE */
export async function noLiveness(): Promise<never> {
  throw new VisionError(
    'VISION_USE',
    'liveness is asked for, and the recognizer was made without networks for it',
    { hint: 'Open it with a pack that has some (`liveness`).' },
  )
}
