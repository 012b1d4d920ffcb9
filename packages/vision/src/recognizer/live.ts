import { VisionError } from '../errors.js'
import type { Photo } from '../image/photo.js'
import type { FaceToCheck, LivenessChecker } from '../liveness/checker.js'
import type { Liveness } from '../liveness/result.js'

/** Opens the networks for liveness. */
export type OpenLiveness = () => Promise<LivenessChecker>

/** A checker of liveness that is opened when it is first wanted: who never asks for it loads nothing. */
export class LazyChecker {
  #opened: Promise<LivenessChecker> | undefined

  constructor(private readonly opener: OpenLiveness | undefined) {}

  /** Opened once; what failed is tried again by the next call. @throws VisionError VISION_USE; what opening throws */
  open(): Promise<LivenessChecker> {
    if (this.opener === undefined)
      throw new VisionError(
        'VISION_USE',
        'liveness is asked for, and the recognizer was made without networks for it',
        { hint: 'Open it with a pack that has some (`liveness`).' },
      )
    this.#opened ??= this.opener().catch((error) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  async close(): Promise<void> {
    const checker = await this.#opened?.catch(() => undefined)
    await checker?.close()
  }
}

/** The faces of a photograph, each with its liveness. */
export const checkFaces = <Face extends FaceToCheck>(
  checker: LivenessChecker,
  photo: Photo,
  faces: readonly Face[],
): Promise<(Face & { readonly liveness: Liveness })[]> =>
  Promise.all(faces.map(async (face) => ({ ...face, liveness: await checker.check(photo, face) })))
