import { Random } from '@arcface/vision'
import { dot } from '../embeddings/rows.js'
import { strictThreshold } from '../roc/roc.js'
import { checkRate, type ScoreArray } from '../roc/scores.js'
import type { PairsAbove } from '../threshold/across.js'
import { facesByPerson, facesOfSeveral } from '../threshold/couples.js'
import type { DecidedPairs } from './pairs.js'

/**
 * Every pair of faces, decided at a threshold: one of one person that is not strictly above it is refused, one of two
 * people that is above it accepted. Time grows with the square of the rows.
 * @param rows n x dim, L2-normalised
 * @param person of each row: 0, 1, ...
 */
export async function decideAll(
  rows: Float32Array,
  dim: number,
  person: Int32Array,
  threshold: number,
  pairsAbove: PairsAbove,
): Promise<DecidedPairs> {
  const { genuine } = allPairs(person)
  for (let k = 0; k < genuine.refused.length; k++) {
    const [i, j] = [genuine.first[k]! * dim, genuine.second[k]! * dim]
    genuine.refused[k] = Number(!(dot(rows, i, rows, j, dim) > threshold))
  }
  const accepted = { first: [] as number[], second: [] as number[] }
  await pairsAbove(rows, dim, threshold, (i, j) => {
    if (person[i] === person[j]) return
    accepted.first.push(i)
    accepted.second.push(j)
  })
  return { person, genuine, accepted }
}

/** Every pair of faces, none of which is wrong: what there is to be compared. */
export function allPairs(person: Int32Array): DecidedPairs {
  const [first, second]: [number[], number[]] = [[], []]
  for (const own of facesByPerson(person))
    for (const [k, i] of own.entries())
      for (const j of own.slice(k + 1)) {
        first.push(i)
        second.push(j)
      }
  const refused = new Uint8Array(first.length)
  return { person, genuine: { first, second, refused }, accepted: { first: [], second: [] } }
}

/** The pairs of a list, decided at a threshold. @param list rows of each pair, 1 where both are one person, and the cosine */
export function decideListed(
  list: {
    readonly a: Int32Array
    readonly b: Int32Array
    readonly same: Uint8Array
    readonly similarities: ScoreArray
  },
  person: Int32Array,
  threshold: number,
): DecidedPairs {
  const { a, b, same, similarities } = list
  const places = [...same.keys()]
  const pick = (which: number[]) => ({
    first: which.map((p) => a[p]!),
    second: which.map((p) => b[p]!),
  })
  const genuine = places.filter((p) => same[p] === 1)
  const impostors = places.filter((p) => same[p] !== 1)
  return {
    person,
    genuine: {
      ...pick(genuine),
      refused: Uint8Array.from(genuine, (p) => Number(!(similarities[p]! > threshold))),
    },
    accepted: pick(impostors.filter((p) => similarities[p]! > threshold)),
    impostors: pick(impostors),
  }
}

/** Pairs drawn to learn where the largest scores begin; of fewer pairs all are looked at. */
const DRAWN = 1_000_000

/**
 * The lowest threshold that no more than the share `far` of all pairs of two people lies strictly above; every pair
 * counts the same. Memory: the scores of that share.
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_IDENTITY where there are fewer than two people
 */
export async function thresholdOfAll(
  rows: Float32Array,
  dim: number,
  person: Int32Array,
  far: number,
  pairsAbove: PairsAbove,
): Promise<{ readonly threshold: number; readonly pairs: number }> {
  checkRate(far, 'FAR')
  const { pairs } = facesOfSeveral(person)
  // A margin of six standard errors. Products of unit vectors are never below -1 by more than rounding.
  const share = far + 6 * Math.sqrt(far / DRAWN) + 20 / DRAWN
  const floor =
    pairs <= DRAWN || share >= 1 ? -2 : draw(rows, dim, person)[Math.floor(share * DRAWN)]!
  const scores: number[] = []
  await pairsAbove(rows, dim, floor, (i, j, similarity) => {
    if (person[i] !== person[j]) scores.push(similarity)
  })
  const descending = Float64Array.from(scores).sort().reverse()
  return { threshold: strictThreshold(descending, pairs, far), pairs }
}

/** Scores of random pairs of two people, descending. */
function draw(rows: Float32Array, dim: number, person: Int32Array): Float32Array {
  const random = new Random(1)
  const scores = new Float32Array(DRAWN)
  for (let k = 0; k < DRAWN; ) {
    const [i, j] = [random.below(person.length), random.below(person.length)]
    if (person[i] !== person[j]) scores[k++] = dot(rows, i * dim, rows, j * dim, dim)
  }
  return scores.sort().reverse()
}
