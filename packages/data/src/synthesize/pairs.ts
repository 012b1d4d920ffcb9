import { DataError } from '../errors.js'
import { atLeast } from '../options.js'
import { drawPairs } from '../pairs/draw.js'
import type { ImageName } from '../pairs/pairs.js'
import { personName } from './names.js'

type Pair = readonly [ImageName, ImageName]

/**
 * Draws pairs of synthetic pictures for verification: the people are dealt to the folds in order, and each fold gets as
 * many matched as mismatched pairs, none twice.
 *
 * @throws DataError DATA_OPTION
 */
export function drawSyntheticPairs(options: {
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
  const dealt = Array.from({ length: folds }, (_, fold) => {
    const first = Math.floor((fold * people) / folds) + 1
    const last = Math.floor(((fold + 1) * people) / folds)
    return Array.from({ length: last - first + 1 }, (_, i) => {
      const name = personName(first + i)
      return Array.from({ length: imagesPerPerson }, (_, k) => ({ name, number: k + 1 }))
    })
  })
  return drawPairs(dealt, { pairsPerFold, seed })
}
