import {
  EvaluateError,
  farGrid,
  type PairIntervals,
  pairIntervals,
  pairSample,
} from '@arcface/evaluate'
import {
  curvesCsv,
  figuresCsv,
  type NamedResult,
  publishedSet,
  type ScoredPairs,
  scoresCsv,
  verificationJson,
  verificationReport,
  worstPairs,
} from '@arcface/evaluate/report'
import { commandLine } from '../commands/evaluate-shared.js'
import { printable, writeErr } from '../printable.js'
import type { Facts } from './facts.js'
import { type Named, pictured, writeFiles } from './write.js'

export interface PairReport {
  readonly folder: string
  readonly title: string
  readonly results: readonly [Result, ...Result[]]
  /** Rows of each pair, and the person of each row. */
  readonly a: Int32Array
  readonly b: Int32Array
  readonly people: Int32Array
  readonly folds?: number
  /** A row's picture. */
  readonly of: (row: number) => Named
  /** A name that may tell which published set this is. */
  readonly set?: string
  readonly facts: Facts
}

export type Result = Pick<NamedResult, 'name'> & { readonly result: ScoredPairs }

/** So many draws of people, and of very many pairs fewer: one takes a second of ten million. */
const REPLICATES = 1000
const MANY_PAIRS = 1e6

/** Writes report.html, report.json, figures.csv, curves.csv and scores.csv of scored pairs into a folder. */
export async function writePairReport(report: PairReport): Promise<void> {
  const { folder, title, a, b, folds, of, set, facts } = report
  const named = report.results.map((one): NamedResult => {
    const intervals = intervalsOf(one.result, report)
    return { ...one, ...(intervals && { intervals }) }
  }) as [NamedResult, ...NamedResult[]]
  const { similarities, same } = named.at(-1)!.result
  const meta = {
    title,
    facts,
    command: commandLine(),
    worst: await pictured(worstPairs({ similarities, same }), (p) => [of(a[p]!), of(b[p]!)]),
    ...(set !== undefined && { published: { set: publishedSet(set) } }),
  }
  await writeFiles(folder, {
    'report.html': verificationReport(named, meta),
    'report.json': verificationJson(named, meta),
    'figures.csv': figuresCsv(named),
    'curves.csv': curvesCsv(named),
    'scores.csv': scoresCsv({
      similarities,
      same,
      ...(folds !== undefined && { folds }),
      names: (p) => [of(a[p]!).name, of(b[p]!).name],
    }),
  })
}

/** None where labels contradict each other, as in sets that call one picture two people: figures do not need people. */
function intervalsOf(
  { similarities, same, tarAtFar }: ScoredPairs,
  { a, b, people, folds }: PairReport,
): PairIntervals | undefined {
  const impostors = same.reduce((sum, label) => sum + Number(label !== 1), 0)
  const fars = [...Object.keys(tarAtFar).map(Number), ...farGrid(impostors)]
  const replicates = same.length > MANY_PAIRS ? REPLICATES / 10 : REPLICATES
  try {
    const sample = pairSample(similarities, same, a, b, people)
    return pairIntervals(sample, { fars, replicates, ...(folds !== undefined && { folds }) })
  } catch (error) {
    if (!(error instanceof EvaluateError) || error.code !== 'EVALUATE_IDENTITY') throw error
    writeErr(`warning: the report has no intervals: ${printable(error.message)}\n`)
    return undefined
  }
}
