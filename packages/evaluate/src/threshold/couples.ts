import { Random } from '@arcface/vision'
import { EvaluateError } from '../errors.js'

/**
 * The rows of each person's faces, in the order in which people come.
 * @param person of each row: 0, 1, ...; rows of a negative number are left out
 */
export function facesByPerson(person: Int32Array): number[][] {
  const facesOf = new Map<number, number[]>()
  for (const [row, one] of person.entries()) {
    if (one < 0) continue
    const faces = facesOf.get(one)
    if (faces) faces.push(row)
    else facesOf.set(one, [row])
  }
  return [...facesOf.values()]
}

/** How many pairs of faces of two people there are. */
export function impostorCount(people: readonly (readonly number[])[]): number {
  let [rows, own] = [0, 0]
  for (const { length } of people) {
    rows += length
    own += (length * (length - 1)) / 2
  }
  return (rows * (rows - 1)) / 2 - own
}

/**
 * As `facesByPerson`, of two people or more, and how many pairs of faces of two they have.
 * @throws EvaluateError EVALUATE_IDENTITY where there are fewer
 */
export function facesOfSeveral(person: Int32Array): {
  readonly people: readonly (readonly number[])[]
  readonly pairs: number
} {
  const people = facesByPerson(person)
  if (people.length < 2)
    throw new EvaluateError(
      'EVALUATE_IDENTITY',
      `impostor pairs take the faces of two people or more, not ${people.length}`,
    )
  return { people, pairs: impostorCount(people) }
}

/** Random pairs of rows of two people, each couple as often as another; always the same ones. */
export function* randomCouples(
  people: readonly (readonly number[])[],
  count: number,
): Generator<readonly [number, number]> {
  const random = new Random(1)
  for (let k = 0; k < count; ) {
    const [a, b] = [random.below(people.length), random.below(people.length)]
    if (a === b) continue
    yield [random.pick(people[a]!), random.pick(people[b]!)]
    k++
  }
}

/** Pairs of a kind that are kept of very many, about: more than the people of any set bear out. */
const KEPT = 200_000

/** Rows of two faces, and what the pair counts. */
export type WeighedPair = readonly [first: number, second: number, weight: number]

/** The pairs of faces of one person, or of very many a random part, always the same; each person's count 1 together. */
export function* pairsWithin(people: readonly (readonly number[])[]): Generator<WeighedPair> {
  const random = new Random(2)
  const most = Math.max(1, Math.floor(KEPT / people.length))
  for (const faces of people) {
    const pairs = (faces.length * (faces.length - 1)) / 2
    if (pairs <= most)
      for (const [k, i] of faces.entries())
        for (const j of faces.slice(0, k)) yield [i, j, 1 / pairs]
    else
      for (let n = 0; n < most; ) {
        const [i, j] = [random.pick(faces), random.pick(faces)]
        if (i === j) continue
        yield [i, j, 1 / most]
        n++
      }
  }
}

/** Whether `pairsBetween` gives a part of them. */
export const areMany = (people: readonly (readonly number[])[]): boolean =>
  impostorCount(people) > KEPT

/**
 * The pairs of faces of two people, of which those of each couple count 1 together; or of very many a random part, always the
 * same, in which each couple is as often as another.
 */
export function* pairsBetween(people: readonly (readonly number[])[]): Generator<WeighedPair> {
  if (areMany(people)) for (const [i, j] of randomCouples(people, KEPT)) yield [i, j, 1]
  else
    for (const [a, ofA] of people.entries())
      for (const ofB of people.slice(0, a))
        for (const i of ofA) for (const j of ofB) yield [i, j, 1 / (ofA.length * ofB.length)]
}
