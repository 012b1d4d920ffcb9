import { type PairIntervals, pairIntervals } from '../../bootstrap/intervals.js'
import { pairSample } from '../../bootstrap/sample.js'
import { EvaluateError } from '../../errors.js'
import type { NamedResult, ScoredPairs } from '../../report/index.js'
import { farGrid } from '../../roc/figures.js'
import type { Facts } from './facts.js'
import { type NamedImage, pictured, type ReportEvents, writeFiles } from './write.js'

/** Scored pairs, and what a report says of them. */
export interface PairReport {
  readonly title: string
  readonly results: readonly [PairResult, ...PairResult[]]
  /** Rows of each pair, and the person of each row. */
  readonly a: Int32Array
  readonly b: Int32Array
  readonly people: Int32Array
  readonly folds?: number | undefined
  /** A row's picture. */
  readonly of: (row: number) => NamedImage
  /** A name that may tell which published set this is. */
  readonly set?: string | undefined
  readonly facts: Facts
  readonly command: string
}

export type PairResult = Pick<NamedResult, 'name'> & { readonly result: ScoredPairs }

/** So many draws of people, and of very many pairs fewer: one takes a second of ten million. */
const REPLICATES = 1000
const MANY_PAIRS = 1e6

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
    const intervals = intervalsOf(one.result, report, events)
    return { ...one, ...(intervals && { intervals }) }
  }) as [NamedResult, ...NamedResult[]]
  const { similarities, same } = named.at(-1)!.result
  const meta = {
    title,
    facts,
    command,
    worst: pictured(page.worstPairs({ similarities, same }), (p) => [of(a[p]!), of(b[p]!)]),
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

/** None where labels contradict each other, as in sets that call one picture two people: figures do not need people. */
function intervalsOf(
  { similarities, same, tarAtFar }: ScoredPairs,
  { a, b, people, folds }: PairReport,
  { onWarning }: ReportEvents,
): PairIntervals | undefined {
  const impostors = same.reduce((sum, label) => sum + Number(label !== 1), 0)
  const fars = [...Object.keys(tarAtFar).map(Number), ...farGrid(impostors)]
  const replicates = same.length > MANY_PAIRS ? REPLICATES / 10 : REPLICATES
  try {
    const sample = pairSample(similarities, same, a, b, people)
    return pairIntervals(sample, { fars, replicates, ...(folds !== undefined && { folds }) })
  } catch (error) {
    if (!(error instanceof EvaluateError) || error.code !== 'EVALUATE_IDENTITY') throw error
    onWarning?.(`the report has no intervals: ${error.message}`)
    return undefined
  }
}
