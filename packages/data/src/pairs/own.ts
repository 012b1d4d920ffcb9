import { relative, sep } from 'node:path'
import { shuffle } from '@arcface/vision'
import { DataError } from '../errors.js'
import type { FolderDataset } from '../folders/folders.js'
import { countPairs, drawPairs } from './draw.js'
import { writePlainPairs } from './plain.js'

export interface OwnPairsOptions {
  /** Wanted; fewer where there are too few people. Default 10. */
  folds?: number
  /** Pairs of one person a fold, and as many of two; fewer where there are not so many. Default 300. */
  pairsPerFold?: number
  seed: number
}

export interface OwnPairs {
  /** People in the pairs. */
  people: number
  folds: number
  /** Of each kind, in each fold. */
  pairsPerFold: number
  /** Where it is less than was asked for, in sentences. */
  warnings: string[]
}

/** Streams of a seed: that of the order of people. */
const ORDER_STREAM = 0x9a17

/**
 * Writes a balanced list of pairs of one's own people, for verification: folds disjoint by person, as many pairs of one
 * person as of two in each, none twice. A plain list with paths below `root`.
 *
 * @throws DataError DATA_OPTION for too few people or images, DATA_LIST; FilesError FILES_WRITE
 */
export function writeOwnPairs(
  path: string,
  root: string,
  { classes, samples }: FolderDataset,
  { folds: wanted = 10, pairsPerFold: asked = 300, seed }: OwnPairsOptions,
): OwnPairs {
  if (samples.some(({ offset }) => offset !== undefined))
    throw new DataError('DATA_OPTION', `${root} holds records, and a list of pairs names files.`, {
      hint: 'Make folders of it first with `writeFolders`.',
    })
  const images = classes.map(() => [] as string[])
  for (const { label, path } of samples)
    images[label]!.push(relative(root, path).replaceAll(sep, '/'))
  const order = [...shuffle(seed, ORDER_STREAM, classes.length)].map((label) => images[label]!)
  const several = order.filter(({ length }) => length > 1)
  const folds = Math.min(wanted, several.length, Math.floor(order.length / 2))
  if (folds < 2)
    throw new DataError(
      'DATA_OPTION',
      `${root} has ${classes.length} people, ${several.length} of them with two images or more: pairs in two folds need four people, two of them with two images.`,
    )
  // Those of several images first, so that every fold has some.
  const dealt = Array.from({ length: folds }, () => [] as string[][])
  const singles = order.filter(({ length }) => length === 1)
  ;[...several, ...singles].forEach((own, i) => {
    dealt[i % folds]!.push(own)
  })
  const most = Math.min(
    ...dealt.map((people) => {
      const { matched, mismatched } = countPairs(people)
      return Math.min(matched, mismatched)
    }),
  )
  const pairsPerFold = Math.min(asked, most)
  const pairs = drawPairs(dealt, { pairsPerFold, seed })
  writePlainPairs(
    path,
    pairs.flatMap((fold) => fold.map(([a, b], i) => [a, b, i < pairsPerFold] as const)),
    folds,
  )
  return {
    people: order.length,
    folds,
    pairsPerFold,
    warnings: [
      ...(folds < wanted
        ? [
            `${folds} folds instead of ${wanted}: each needs two people of its own, one of them with two images, and there are ${order.length} people, ${several.length} of them with two images or more`,
          ]
        : []),
      ...(pairsPerFold < asked
        ? [
            `${pairsPerFold} pairs of each kind a fold instead of ${asked}: the fold that has fewest has no more`,
          ]
        : []),
    ],
  }
}
