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
