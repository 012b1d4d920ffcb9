import { facesByPerson, pairsBetween, pairsWithin } from '../threshold/couples.js'
import { countPeople } from '../verification/identities.js'
import type { CalibrationSample } from './scores.js'

/**
 * Pairs of faces of people in folders to calibrate by: all of them, or of very many a random part. A stranger is somebody,
 * not one of many photographs of somebody: so each person counts the same among the genuine pairs, however many
 * photographs there are, and each couple of people among the impostor pairs.
 * @param rows n x dim, L2-normalised
 * @param person of each row: 0, 1, ...; rows of a negative number are left out
 */
export function calibrationAcross(
  rows: Float32Array,
  dim: number,
  person: Int32Array,
): CalibrationSample {
  const people = facesByPerson(person)
  const found: Found = { score: [], same: [], a: [], b: [], weight: [] }
  for (const pairs of [pairsWithin(people), pairsBetween(people)])
    for (const [i, j, weight] of pairs) {
      let product = 0
      for (let d = 0; d < dim; d++) product += rows[i * dim + d]! * rows[j * dim + d]!
      found.score.push(product)
      found.same.push(Number(person[i] === person[j]))
      found.a.push(person[i]!)
      found.b.push(person[j]!)
      found.weight.push(weight)
    }
  return {
    similarities: Float64Array.from(found.score),
    same: Uint8Array.from(found.same),
    first: Int32Array.from(found.a),
    second: Int32Array.from(found.b),
    weights: Float64Array.from(found.weight),
    identities: countPeople(person),
  }
}

interface Found {
  readonly score: number[]
  readonly same: number[]
  readonly a: number[]
  readonly b: number[]
  readonly weight: number[]
}
