import { areaOf, type Detection } from '../detect/detection.js'
import { VisionError } from '../errors.js'
import type { Rejection } from '../quality/limits.js'

/** Which face of a photograph is taken; `only`: a photograph with several is refused. */
export const ONE_FACE = ['largest', 'central', 'only'] as const
export const FACES = [...ONE_FACE, 'all'] as const
export type OneFace = (typeof ONE_FACE)[number]
export type Faces = (typeof FACES)[number]

/** Those that are not patterns beside a face: a poor face is one, a small one in its place would be another's. */
export function likelyFaces<Face extends { readonly rejected: readonly Rejection[] }>(
  found: readonly Face[],
): readonly Face[] {
  const likely = found.filter(({ rejected }) => rejected.join() !== 'implausible')
  return likely.length > 0 ? likely : found
}

/**
 * Of the faces of a photograph those wanted; `all` in order of their scores.
 * @param name of the photograph, for the error
 * @throws VisionError VISION_MANY_FACES: `only`, and there are several
 */
export function chooseFaces<Face extends Detection>(
  found: readonly Face[],
  which: Faces,
  { width, height }: { readonly width: number; readonly height: number },
  name: string,
): Face[] {
  if (which === 'all' || found.length < 2) return [...found]
  if (which === 'only')
    throw new VisionError(
      'VISION_MANY_FACES',
      `${name} shows ${found.length} faces; cut out the one that is meant, or take the largest`,
    )
  const fromMiddle = ({ box }: Detection) =>
    Math.hypot(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2)
  const order =
    which === 'largest'
      ? (a: Detection, b: Detection) => areaOf(b.box) - areaOf(a.box)
      : (a: Detection, b: Detection) => fromMiddle(a) - fromMiddle(b)
  return [[...found].sort(order)[0]!]
}
