import { DataError } from '../errors.js'
import { atLeast } from '../options.js'
import type { ImageName } from '../pairs/pairs.js'
import { Random, shuffle } from '../random/random.js'
import { personName } from './names.js'

type Pair = readonly [ImageName, ImageName]

/** Keeps the stream of the pairs apart from those of people and pictures, which are numbered from 1. */
const PAIRS_STREAM = 0

/**
 * Draws pairs of synthetic pictures for verification: the people are dealt to the folds in order, and each fold gets as
 * many matched as mismatched pairs, none twice.
 *
 * @throws DataError DATA_OPTION
 */
export function drawPairs(options: {
  people: number
  imagesPerPerson: number
  seed: number
  folds?: number
  pairsPerFold?: number
}): Pair[][] {
  const { people, imagesPerPerson, seed, folds = 10 } = options
  atLeast('folds', folds, 1)
  const smallest = Math.floor(people / folds)
  if (smallest < 2 || imagesPerPerson < 2)
    throw new DataError(
      'DATA_OPTION',
      `${folds} folds of pairs need at least ${2 * folds} people with 2 pictures each, but there are ${people} with ` +
        `${imagesPerPerson}. Draw more.`,
    )
  const matched = (smallest * imagesPerPerson * (imagesPerPerson - 1)) / 2
  const mismatched = (smallest * (smallest - 1) * imagesPerPerson ** 2) / 2
  const most = Math.min(matched, mismatched)
  const pairsPerFold = options.pairsPerFold ?? Math.min(300, most)
  atLeast('pairsPerFold', pairsPerFold, 1)
  if (pairsPerFold > most)
    throw new DataError(
      'DATA_OPTION',
      `A fold of ${smallest} people with ${imagesPerPerson} pictures has ${most} pairs of a kind, not ${pairsPerFold}. ` +
        'Draw more or ask for fewer pairs.',
    )
  return Array.from({ length: folds }, (_, fold) => {
    const first = Math.floor((fold * people) / folds) + 1
    const last = Math.floor(((fold + 1) * people) / folds)
    const members = Array.from({ length: last - first + 1 }, (_, i) => personName(first + i))
    const all = matchedPairs(members, imagesPerPerson)
    const order = shuffle(seed, fold, all.length).subarray(0, pairsPerFold)
    const random = new Random(seed, PAIRS_STREAM, fold)
    return [
      ...[...order].map((i) => all[i]!),
      ...mismatchedPairs(members, imagesPerPerson, pairsPerFold, random),
    ]
  })
}

function matchedPairs(members: string[], images: number): Pair[] {
  const pairs: Pair[] = []
  for (const name of members)
    for (let i = 1; i <= images; i++)
      for (let j = i + 1; j <= images; j++)
        pairs.push([
          { name, number: i },
          { name, number: j },
        ])
  return pairs
}

function mismatchedPairs(members: string[], images: number, count: number, random: Random): Pair[] {
  const pairs = new Map<string, Pair>()
  while (pairs.size < count) {
    // Two different people, in their order, so that a pair has one key.
    const i = random.below(members.length)
    const j = (i + 1 + random.below(members.length - 1)) % members.length
    const a = { name: members[Math.min(i, j)]!, number: 1 + random.below(images) }
    const b = { name: members[Math.max(i, j)]!, number: 1 + random.below(images) }
    pairs.set(`${a.name} ${a.number} ${b.name} ${b.number}`, [a, b])
  }
  return [...pairs.values()]
}
