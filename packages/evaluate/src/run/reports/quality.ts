import { basename } from 'node:path'
import type { PairList } from '@arcface/data'
import type { MeasuredQuality } from '../quality.js'
import { factsOf, type Provenance } from './facts.js'
import { type ReportEvents, writeFiles } from './write.js'

/** Writes report.html, report.json, curves.csv and images.csv into a folder. @throws FilesError, DataError */
export async function reportQuality(
  folder: string,
  { results, figures, images, people, genuine, impostors }: MeasuredQuality,
  sources: {
    readonly images: readonly string[]
    readonly pairs?: string | undefined
    readonly list?: PairList | undefined
  },
  provenance: Provenance,
  events: ReportEvents = {},
): Promise<void> {
  // Charts load only where there is a report to write.
  const page = await import('../../report/index.js')
  const { list } = sources
  const facts = await factsOf(provenance, {
    data: {
      Images: sources.images.join(', '),
      Pairs: sources.pairs,
      'Images / people': `${images} / ${people}`,
      'Genuine / impostor pairs': `${genuine} / ${impostors}`,
    },
    images: figures.map(({ image }) => image),
    lists: list ? [list.a, list.b, list.same] : [],
  })
  const of = basename(sources.pairs ?? sources.images.join(', '))
  const meta = { title: `Quality on ${of}`, facts, command: provenance.command }
  const names = results.map(({ name }) => name)
  writeFiles(
    folder,
    {
      'report.html': page.qualityReport(results, meta),
      'report.json': page.qualityJson(results, meta),
      'curves.csv': page.qualityCsv(results),
      'images.csv': page.csvText(
        ['image', ...names],
        figures.map(({ image, figures: of }) => [image, ...names.map((name) => of[name] ?? '')]),
      ),
    },
    events,
  )
}
