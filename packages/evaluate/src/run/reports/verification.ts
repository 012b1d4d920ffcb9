import { basename } from 'node:path'
import { imageName, type PairList } from '@arcface/data'
import { peopleOf } from '../people.js'
import { factsOf, type Provenance } from './facts.js'
import { type PairReport, writePairReport } from './pairs.js'
import type { ReportEvents } from './write.js'

/**
 * Writes the report of a verification into a folder.
 * @param verified the list, and where it and its images lie
 * @throws FilesError, DataError
 */
export async function reportVerification(
  folder: string,
  results: PairReport['results'],
  verified: {
    readonly list: PairList
    readonly pairs: string
    readonly images?: string | undefined
  },
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  const { list, pairs, images } = verified
  const { a, b, same, folds } = list
  const counts = `${list.images.length} / ${same.length} / ${folds}`
  const facts = await factsOf(provenance, {
    data: { Pairs: pairs, Images: images, 'Images / pairs / folds': counts },
    images: list.images,
    lists: [a, b, same],
  })
  const report: PairReport = {
    title: `Verification on ${basename(pairs)}`,
    results,
    a,
    b,
    people: peopleOf(list),
    folds,
    of: (row) => ({ name: imageName(list.images[row]!), image: list.images[row]! }),
    set: basename(pairs),
    facts,
    command: provenance.command,
  }
  await writePairReport(folder, report, events)
}
