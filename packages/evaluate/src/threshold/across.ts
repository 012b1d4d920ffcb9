import { facesOfSeveral, randomCouples } from './couples.js'
import type { ImpostorScores } from './impostors.js'

/**
 * Calls `found(i, j, similarity)`, i < j, for every pair of rows whose product is above the threshold: `pairsAbove` of
 * @arcface/recognize, for instance.
 */
export type PairsAbove = (
  rows: Float32Array,
  dim: number,
  threshold: number,
  found: (i: number, j: number, similarity: number) => void,
) => Promise<void>

/** Largest scores that are kept, about; and pairs drawn to learn where these begin. */
const KEPT = 1_000_000

/**
 * All pairs of faces of two people, as `measureThresholds` takes them: of very many the largest million or so, and a
 * random sample. Every couple of people counts the same, however many photographs there are of them: a stranger is
 * somebody, not one of many photographs of somebody. Time grows with the square of the rows. `rows` are the rows of each pair.
 * @param rows n x dim, L2-normalised
 * @param person of each row: 0, 1, ...; rows of a negative number are left out
 * @throws EvaluateError EVALUATE_IDENTITY where there are fewer than two people
 */
export async function impostorsAcross(
  rows: Float32Array,
  dim: number,
  person: Int32Array,
  pairsAbove: PairsAbove,
): Promise<ImpostorScores & { readonly rows: readonly [first: Int32Array, second: Int32Array] }> {
  const { people: faces, pairs } = facesOfSeveral(person)
  const people = faces.length
  const few = pairs <= KEPT
  const sample = few ? undefined : draw(rows, dim, faces)
  // Products of unit vectors are never below -1 by more than rounding.
  const floor = sample ? sample[Math.floor((KEPT / pairs) * sample.length)]! : -2
  const couples = (people * (people - 1)) / 2
  const counts = new Map(faces.map((rows) => [person[rows[0]!]!, rows.length]))
  const found: { score: number[]; a: number[]; b: number[] } = { score: [], a: [], b: [] }
  await pairsAbove(rows, dim, floor, (i, j, similarity) => {
    const [a, b] = [person[i]!, person[j]!]
    if (a === b || a < 0 || b < 0) return
    found.score.push(similarity)
    found.a.push(i)
    found.b.push(j)
  })
  const order = Uint32Array.from(found.score.keys())
  order.sort((p, q) => found.score[q]! - found.score[p]!)
  const rowsOf = [found.a, found.b].map((all) => Int32Array.from(order, (p) => all[p]!))
  const [first, second] = rowsOf.map((all) => all.map((row) => person[row]!))
  return {
    pairs,
    people,
    scores: Float32Array.from(order, (p) => found.score[p]!),
    first: first!,
    second: second!,
    rows: [rowsOf[0]!, rowsOf[1]!],
    weights: Float64Array.from(
      order,
      (_, k) => 1 / couples / (counts.get(first![k]!)! * counts.get(second![k]!)!),
    ),
    ...(sample && { sample }),
  }
}

/** Scores of random pairs of two people, descending. */
function draw(
  rows: Float32Array,
  dim: number,
  people: readonly (readonly number[])[],
): Float32Array {
  const sample = new Float32Array(KEPT)
  let k = 0
  for (const [i, j] of randomCouples(people, KEPT)) {
    let product = 0
    for (let d = 0; d < dim; d++) product += rows[i * dim + d]! * rows[j * dim + d]!
    sample[k++] = product
  }
  return sample.sort().reverse()
}
