import { dot } from '../embeddings/rows.js'
import { impostorsAcross, type PairsAbove } from '../threshold/across.js'
import {
  areMany,
  facesOfSeveral,
  pairsBetween,
  pairsWithin,
  type WeighedPair,
} from '../threshold/couples.js'
import type { ScoredSet } from './schema.js'

/** Impostor pairs that are kept besides a random part, the largest. */
const TAIL = 20_000

/**
 * All pairs of faces, scored: of very many a random part, as for a calibration, and the impostors of the highest cosines.
 * @param rows n x dim, L2-normalised
 * @param person of each row: 0, 1, ...
 * @throws EvaluateError EVALUATE_IDENTITY where there are fewer than two people; what `pairsAbove` throws
 */
export async function pairsAcross(
  rows: Float32Array,
  dim: number,
  person: Int32Array,
  pairsAbove: PairsAbove,
): Promise<Pick<ScoredSet, 'pairs' | 'genuine' | 'impostors' | 'tail'>> {
  const { people, pairs: impostors } = facesOfSeveral(person)
  const genuine = people.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0)
  const pairs: ScoredSet['pairs'] = { first: [], second: [], same: [], cosine: [] }
  const add = (i: number, j: number, cosine: number) => {
    pairs.first.push(i)
    pairs.second.push(j)
    pairs.same.push(person[i] === person[j] ? 1 : 0)
    pairs.cosine.push(cosine)
  }
  const score = ([i, j]: WeighedPair) => add(i, j, dot(rows, i * dim, rows, j * dim, dim))
  for (const pair of pairsWithin(people)) score(pair)
  const largest = await impostorsAcross(rows, dim, person, pairsAbove)
  const [first, second] = largest.rows
  if (!areMany(people)) {
    for (const [k, i] of first.entries()) add(i, second[k]!, largest.scores[k]!)
    return { pairs, genuine, impostors, tail: null }
  }
  for (const pair of pairsBetween(people)) score(pair)
  const [a, b, cosine] = [first, second, largest.scores].map((all) => [...all.subarray(0, TAIL)])
  return { pairs, genuine, impostors, tail: { first: a!, second: b!, cosine: cosine! } }
}
