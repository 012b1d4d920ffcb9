import { areaOf, type Detection } from '../detect/detection.js'

/** Which faces of a photograph are taken. */
export type Faces = 'largest' | 'central' | 'all'

/** Of the faces of a photograph those wanted; `all` in order of their scores. */
export function chooseFaces(
  found: readonly Detection[],
  which: Faces,
  { width, height }: { readonly width: number; readonly height: number },
): Detection[] {
  if (which === 'all' || found.length < 2) return [...found]
  const fromMiddle = ({ box }: Detection) =>
    Math.hypot(box.x + box.width / 2 - width / 2, box.y + box.height / 2 - height / 2)
  const worse =
    which === 'largest'
      ? (a: Detection, b: Detection) => areaOf(a.box) < areaOf(b.box)
      : (a: Detection, b: Detection) => fromMiddle(a) > fromMiddle(b)
  return [found.reduce((best, one) => (worse(best, one) ? one : best))]
}
