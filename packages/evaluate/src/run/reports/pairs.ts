import type { NamedResult, ScoredPairs } from '../../report/index.js'
import { worstPairs } from '../../verification/worst.js'
import type { Facts } from './facts.js'
import { type PairRows, reportIntervals } from './intervals.js'
import { type NamedImage, pictured, type ReportEvents, writeFiles } from './write.js'

/** Scored pairs, and what a report says of them. */
export interface PairReport extends PairRows {
  readonly title: string
  readonly results: readonly [PairResult, ...PairResult[]]
  /** A row's picture. */
  readonly of: (row: number) => NamedImage
  /** A name that may tell which published set this is. */
  readonly set?: string | undefined
  readonly facts: Facts
  readonly command: string
}

export type PairResult = Pick<NamedResult, 'name'> & { readonly result: ScoredPairs }

/** Writes report.html, report.json, figures.csv, curves.csv and scores.csv into a folder. @throws FilesError, DataError */
export async function writePairReport(
  folder: string,
  report: PairReport,
  events: ReportEvents,
): Promise<void> {
  // Charts load only where there is a report to write.
  const page = await import('../../report/index.js')
  const { title, command, a, b, folds, of, set, facts } = report
  const named = report.results.map((one): NamedResult => {
    const intervals = reportIntervals(one.result, report, (why) =>
      events.onWarning?.(`the report has no intervals: ${why}`),
    )
    return { ...one, ...(intervals && { intervals }) }
  }) as [NamedResult, ...NamedResult[]]
  const { similarities, same } = named.at(-1)!.result
  const meta = {
    title,
    facts,
    command,
    worst: pictured(worstPairs({ similarities, same }), (p) => [of(a[p]!), of(b[p]!)]),
    ...(set !== undefined && { published: { set: page.publishedSet(set) } }),
  }
  const files = {
    'report.html': page.verificationReport(named, meta),
    'report.json': page.verificationJson(named, meta),
    'figures.csv': page.figuresCsv(named),
    'curves.csv': page.curvesCsv(named),
    'scores.csv': page.scoresCsv({
      similarities,
      same,
      ...(folds !== undefined && { folds }),
      names: (p) => [of(a[p]!).name, of(b[p]!).name],
    }),
  }
  writeFiles(folder, files, events)
}
