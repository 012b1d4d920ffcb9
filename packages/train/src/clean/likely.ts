import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { directionsOf, type Labelled } from '../geometry/angles/statistics.js'

/** Whom an image shows by its embedding. */
export interface LikelyPerson {
  label: number
  /** Radians to that person's dominant centre. */
  angle: number
}

/** Rows of images multiplied with all centres at a time. */
const BLOCK = 256

/**
 * For images that stand under the wrong person: of all others the one whose dominant centre is nearest, or null where
 * even that is more than `limit` radians away: then it is likely nobody of this data set.
 *
 * @param rows which rows of `given` are asked about
 * @param dominant of each person a centre of length 1, classes x dim
 */
export function likelyPeople(
  given: Labelled,
  rows: readonly number[],
  dominant: Float64Array,
  limit: number,
): (LikelyPerson | null)[] {
  const { embeddings, labels, dim, classes } = given
  if (classes < 2) return rows.map(() => null)
  return noGrad(() =>
    scope(() => {
      const centres = ops.t(tensor(Float32Array.from(dominant), [classes, dim]))
      const found: (LikelyPerson | null)[] = []
      for (let start = 0; start < rows.length; start += BLOCK) {
        const part = rows.slice(start, start + BLOCK)
        const own = Float32Array.from(
          directionsOf(
            part.flatMap((row) => [...embeddings.subarray(row * dim, (row + 1) * dim)]),
            dim,
          ),
        )
        scope(() => {
          // Two: the nearest may be the person under whom the image stands.
          const [cosines, people] = ops.topk(
            ops.matmul(tensor(own, [part.length, dim]), centres),
            2,
            1,
          )
          const [best, labelsOf] = [cosines.toFloat32Array(), people.toTypedArray()]
          part.forEach((row, i) => {
            const at = Number(labelsOf[2 * i]) === labels[row] ? 2 * i + 1 : 2 * i
            const angle = Math.acos(Math.max(-1, Math.min(1, best[at]!)))
            found.push(angle > limit ? null : { label: Number(labelsOf[at]), angle })
          })
        })
      }
      return found
    }),
  )
}
