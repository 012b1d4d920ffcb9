import { basename } from 'node:path'
import { imageName, type PairList } from '@arcface/data'
import { peopleOf } from '@arcface/evaluate/run'
import { factsOf } from './facts.js'
import { type PairReport, writePairReport } from './pairs.js'

/** What a verification was run on. */
export interface Verified {
  readonly model: string
  readonly pairs: string
  readonly images: string | undefined
  readonly list: PairList
}

/** Writes the report of a verification into a folder. */
export async function reportVerification(
  folder: string,
  results: PairReport['results'],
  { model, pairs, images, list }: Verified,
): Promise<void> {
  const { a, b, same, folds } = list
  const counts = `${list.images.length} / ${same.length} / ${folds}`
  await writePairReport({
    folder,
    title: `Verification on ${basename(pairs)}`,
    results,
    a,
    b,
    people: peopleOf(list),
    folds,
    of: (row) => ({ name: imageName(list.images[row]!), image: list.images[row]! }),
    set: basename(pairs),
    facts: await factsOf({
      model,
      data: { Pairs: pairs, Images: images, 'Images / pairs / folds': counts },
      images: list.images,
      lists: [a, b, same],
    }),
  })
}
