import { degrees } from '@arcface/evaluate'
import { paperRows, paperTable } from '../geometry/angles/paper.js'
import { paperAccuracy } from './paper.js'
import type { TrialResult } from './result.js'

/** Mean and sample standard deviation over seeds; the deviation of one seed is null. */
export interface Spread {
  mean: number
  std: number | null
  seeds: number
}

export interface AblationRow {
  label: string
  /** The loss with its regularisers, as `norm-softmax+intra`. */
  loss: string
  /** By verification set, fractions, with flip, after the last step. */
  accuracy: Record<string, Spread>
  auc: Record<string, Spread>
  /** Radians, by what `angleNames` lists; what a loss does not have is missing. */
  angles: Record<string, Spread>
  /** LFW, CFP-FP, AgeDB-30 in percent, where the paper has this loss. */
  paper: readonly number[] | null
}

export interface AblationTable {
  sets: string[]
  /** W-EC, W-Inter, then Intra and Inter of the training data and of each folder of other people. */
  angleNames: string[]
  rows: AblationRow[]
}

/** One row a label that has results, in the order of `labels`. */
export function tabulate(
  labels: readonly string[],
  results: readonly TrialResult[],
): AblationTable {
  const sets = [...new Set(results.flatMap(({ verified }) => verified.map(({ set }) => set)))]
  const angleNames = [...new Set(results.flatMap((one) => Object.keys(anglesOf(one))))]
  const rows = labels.flatMap((label) => {
    const own = results.filter((one) => one.label === label)
    const [first] = own
    if (!first) return []
    const over = (figure: 'accuracy' | 'auc') =>
      Object.fromEntries(
        sets.map((set) => [
          set,
          spread(
            own.flatMap(
              ({ verified }) => verified.findLast((one) => one.set === set)?.[figure] ?? [],
            ),
          ),
        ]),
      )
    return {
      label,
      loss: first.loss,
      accuracy: over('accuracy'),
      auc: over('auc'),
      angles: spreads(own.map(anglesOf)),
      paper: paperAccuracy[first.loss] ?? null,
    }
  })
  return { sets, angleNames, rows }
}

function anglesOf({ angles: { centres, sets } }: TrialResult): Record<string, number> {
  return Object.fromEntries([
    ...(centres ? [['W-EC', centres.wEc] as const, ['W-Inter', centres.wInter] as const] : []),
    ...sets.flatMap(({ name, intra, inter }) => [
      [`Intra, ${name}`, intra] as const,
      [`Inter, ${name}`, inter] as const,
    ]),
  ])
}

function spreads(all: readonly Record<string, number>[]): Record<string, Spread> {
  const names = new Set(all.flatMap((one) => Object.keys(one)))
  return Object.fromEntries(
    [...names].map((name) => [name, spread(all.flatMap((one) => one[name] ?? []))]),
  )
}

export function spread(values: readonly number[]): Spread {
  const seeds = values.length
  const mean = values.reduce((sum, one) => sum + one, 0) / seeds
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  return { mean, std: seeds > 1 ? Math.sqrt(squares / (seeds - 1)) : null, seeds }
}

/** Header and cells of the paper's table 2 for this data. */
export function accuracyCells({ sets, rows }: AblationTable): {
  header: string[]
  body: string[][]
} {
  const percent = (one: Spread) => shown(one, 100)
  return {
    header: [
      'Loss',
      ...sets.flatMap((set) => [`${set} %`, `${set} AUC`]),
      'Seeds',
      'Paper: LFW / CFP-FP / AgeDB-30',
    ],
    body: rows.map(({ label, accuracy, auc, paper }) => [
      label,
      ...sets.flatMap((set) => [percent(accuracy[set]!), auc[set]!.mean.toFixed(4)]),
      String(Math.max(0, ...sets.map((set) => accuracy[set]!.seeds))),
      paper ? paper.map((one) => one.toFixed(2)).join(' / ') : '–',
    ]),
  }
}

function paperCell(loss: string): string {
  const found = paperTable.find((one) => one.loss === loss)
  if (!found) return '–'
  return paperRows.map(([key]) => found.angles[key]?.toFixed(2) ?? '–').join(' / ')
}

const shown = ({ mean, std }: Spread, factor: number): string =>
  `${(factor * mean).toFixed(2)}${std === null ? '' : ` ± ${(factor * std).toFixed(2)}`}`

/** Header and cells of the paper's table 3 for this data, in degrees; losses are rows. */
export function angleCells({ angleNames, rows }: AblationTable): {
  header: string[]
  body: string[][]
} {
  return {
    header: ['Loss', ...angleNames, `Paper: ${paperRows.map(([, name]) => name).join(' / ')}`],
    body: rows.map(({ label, loss, angles }) => [
      label,
      ...angleNames.map((name) => (angles[name] ? shown(angles[name], degrees(1)) : '–')),
      paperCell(loss),
    ]),
  }
}
