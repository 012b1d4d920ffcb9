import { imageFile, imageName, imageUrl, type PairList } from '@arcface/data'
import type { EmbedFn } from '../embeddings/embed.js'
import { joinRows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'
import { pairsAcross } from '../scored/across.js'
import type { ScoredSet } from '../scored/schema.js'
import type { PairsAbove } from '../threshold/across.js'
import { foldStarts } from '../verification/folds.js'
import { numberNames } from '../verification/identities.js'
import { worstPairs } from '../verification/worst.js'
import { collectFaces, type EmbeddedPhoto, type SkippedPhoto } from './faces.js'
import { listWarnings, peopleOf, personOf } from './people.js'
import { pairSimilarities } from './verification.js'
import { telling, type WorkOptions } from './work.js'

/** What a set of scored pairs says of how it came to be. */
export type ScoredSource = Pick<ScoredSet, 'model' | 'source' | 'flip'>

/** So many of the worst pairs of each kind have pictures where their images are no files. */
const PICTURED = 100

/** The pairs of a list, scored. @throws as `evaluateVerification`, but for folds */
export async function scoreList(
  list: PairList,
  embed: EmbedFn,
  { flip, ...source }: ScoredSource,
  options: WorkOptions = {},
): Promise<ScoredSet> {
  const onProgress = telling(options, 'images')
  const similarities = await pairSimilarities(list, embed, { flip, onProgress })
  const { images, a, b, same } = list
  const genuine = same.reduce((sum, label) => sum + label, 0)
  const pictures: Record<string, string> = {}
  const { falseMatches, misses } = worstPairs({ similarities, same }, PICTURED)
  for (const { pair } of [...falseMatches, ...misses])
    for (const row of [a[pair]!, b[pair]!])
      if (imageFile(images[row]!) === null) pictures[row] ??= imageUrl(images[row]!)
  return {
    scores: 1,
    ...source,
    of: 'list',
    flip,
    folds: foldsOf(list),
    images: images.map(imageName),
    person: [...peopleOf(list)],
    pairs: {
      ...{ first: [...a], second: [...b], cosine: [...similarities] },
      same: Array.from(same, (label) => (label === 1 ? 1 : 0)),
    },
    ...{ genuine, impostors: same.length - genuine, tail: null, pictures },
    warnings: listWarnings(list),
  }
}

/** All pairs of faces of photographs, scored; a person is a folder, by its name. @throws as `thresholdsAcross` */
export async function scoreAcross(
  photos: AsyncIterable<readonly EmbeddedPhoto[]>,
  dim: number,
  source: ScoredSource,
  {
    pairsAbove,
    total,
    ...options
  }: WorkOptions & { readonly pairsAbove: PairsAbove; readonly total: number },
): Promise<{ readonly set: ScoredSet; readonly skipped: readonly SkippedPhoto[] }> {
  const { faces, skipped } = await collectFaces(photos, total, options)
  const images = faces.map(({ photo }) => photo)
  const person = numberNames(images.map(personOf))
  const rows = joinRows(faces.map(({ embedding }) => embedding))
  const scored = await pairsAcross(rows, dim, person, pairsAbove)
  return {
    set: {
      ...{ scores: 1, ...source, of: 'people', folds: null, images, person: [...person] },
      ...{ ...scored, pictures: {}, warnings: [] },
    },
    skipped,
  }
}

/** The folds of a list that has both kinds of pairs in each. */
function foldsOf({ same, folds }: PairList): number | null {
  try {
    foldStarts(same, folds)
    return folds
  } catch (error) {
    if (error instanceof EvaluateError) return null
    throw error
  }
}
