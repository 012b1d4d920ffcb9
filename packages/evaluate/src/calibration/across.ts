import { Random } from '@arcface/vision'
import { facesByPerson, impostorCount, randomCouples } from '../threshold/couples.js'
import { countPeople } from '../verification/identities.js'
import type { CalibrationSample } from './scores.js'

/** Pairs of a kind that are kept, about: a ratio of so many is more than the people of any set bear out. */
const KEPT = 200_000

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
  const add = (i: number, j: number, weight: number) => {
    let product = 0
    for (let d = 0; d < dim; d++) product += rows[i * dim + d]! * rows[j * dim + d]!
    found.score.push(product)
    found.same.push(Number(person[i] === person[j]))
    found.a.push(person[i]!)
    found.b.push(person[j]!)
    found.weight.push(weight)
  }
  const random = new Random(2)
  const most = Math.max(1, Math.floor(KEPT / people.length))
  for (const faces of people) addGenuine(faces, most, random, add)
  if (impostorCount(people) > KEPT) for (const [i, j] of randomCouples(people, KEPT)) add(i, j, 1)
  else
    for (const [a, ofA] of people.entries())
      for (const ofB of people.slice(0, a))
        for (const i of ofA) for (const j of ofB) add(i, j, 1 / (ofA.length * ofB.length))
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

/** The pairs of one person, or so many of them at random, which count 1 together. */
function addGenuine(
  faces: readonly number[],
  most: number,
  random: Random,
  add: (i: number, j: number, weight: number) => void,
): void {
  const pairs = (faces.length * (faces.length - 1)) / 2
  if (pairs <= most)
    for (const [k, i] of faces.entries()) for (const j of faces.slice(0, k)) add(i, j, 1 / pairs)
  else
    for (let n = 0; n < most; ) {
      const [i, j] = [random.pick(faces), random.pick(faces)]
      if (i === j) continue
      add(i, j, 1 / most)
      n++
    }
}
