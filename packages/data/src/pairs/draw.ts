import { Random, shuffle } from '@arcface/vision'

/** The images of one person. */
export type Images<T> = readonly T[]

/** Keeps the stream of the pairs apart from those of people and pictures, which are numbered from 1. */
const PAIRS_STREAM = 0

/** How many different pairs of one person, and of two, there are among people. */
export function countPairs(people: readonly Images<unknown>[]): {
  matched: number
  mismatched: number
} {
  const images = people.reduce((sum, { length }) => sum + length, 0)
  const matched = people.reduce((sum, { length }) => sum + (length * (length - 1)) / 2, 0)
  return { matched, mismatched: (images * (images - 1)) / 2 - matched }
}

/**
 * Pairs for verification: of each fold's people as many of one person as of two, none twice. First those of one person.
 *
 * @param folds the people of each fold; nobody in two of them, so that the folds are disjoint by person
 * @param pairsPerFold of each kind; no fold may have fewer, see `countPairs`
 */
export const drawPairs = <T>(
  folds: readonly (readonly Images<T>[])[],
  { pairsPerFold, seed }: { pairsPerFold: number; seed: number },
): [T, T][][] =>
  folds.map((people, fold) => {
    const all = matchedPairs(people)
    const order = shuffle(seed, fold, all.length).subarray(0, pairsPerFold)
    const random = new Random(seed, PAIRS_STREAM, fold)
    return [...[...order].map((i) => all[i]!), ...mismatchedPairs(people, pairsPerFold, random)]
  })

function matchedPairs<T>(people: readonly Images<T>[]): [T, T][] {
  const pairs: [T, T][] = []
  for (const images of people)
    for (let i = 0; i < images.length; i++)
      for (let j = i + 1; j < images.length; j++) pairs.push([images[i]!, images[j]!])
  return pairs
}

function mismatchedPairs<T>(people: readonly Images<T>[], count: number, random: Random): [T, T][] {
  const pairs = new Map<string, [T, T]>()
  while (pairs.size < count) {
    // Two different people, in their order, so that a pair has one key.
    const i = random.below(people.length)
    const j = (i + 1 + random.below(people.length - 1)) % people.length
    const [first, second] = [Math.min(i, j), Math.max(i, j)]
    const [a, b] = [random.below(people[first]!.length), random.below(people[second]!.length)]
    pairs.set(`${first} ${a} ${second} ${b}`, [people[first]![a]!, people[second]![b]!])
  }
  return [...pairs.values()]
}
