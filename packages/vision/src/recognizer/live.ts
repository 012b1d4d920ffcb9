import { VisionError } from '../errors.js'
import { Lazy } from '../lazy.js'
import type { LivenessChecker } from '../liveness/checker.js'

/** Opens the networks for liveness. */
export type OpenLiveness = () => Promise<LivenessChecker>

/** A checker of liveness that is opened when it is first wanted: who never asks for it loads nothing. */
export const lazyChecker = (opener: OpenLiveness = refuse): Lazy<LivenessChecker> =>
  new Lazy(opener)

/** @throws VisionError VISION_USE */
async function refuse(): Promise<never> {
  throw new VisionError(
    'VISION_USE',
    'liveness is asked for, and the recognizer was made without networks for it',
    { hint: 'Open it with a pack that has some (`liveness`).' },
  )
}
