import { degreesOf } from '../margin/angles.js'
import { scoreBins } from '../roc/histogram.js'
import { foldStarts } from '../verification/folds.js'
import { csvLine, csvText } from './csv.js'
import { curvePoints } from './curves.js'
import { publishedAccuracy } from './published.js'
import { type Figure, figuresOf, type NamedResult } from './scored.js'
import { pairAngles } from './scores.js'
import type { ReportMeta, VerificationReportMeta } from './verification.js'
import type { PicturedPair } from './worst.js'

/** What `report.html` shows as one JSON object: figures are fractions, angles degrees, pairs numbered from 1. */
export function verificationJson(
  results: readonly NamedResult[],
  meta: VerificationReportMeta,
): string {
  const figures = results.map(({ name, result, intervals }) => {
    const { similarities, same, ...plain } = result
    return {
      name,
      ...plain,
      angles: pairAngles(result),
      ...(intervals && { intervals }),
      histogram: scoreBins(result),
      curve: curvePoints(result),
    }
  })
  const { published } = meta
  return reportJson(meta, {
    results: figures,
    ...(published && { published: { set: published.set ?? null, accuracy: publishedAccuracy } }),
  })
}

/** A report as JSON: what is special to it, the worst pairs without their pictures, what was measured, the command. */
export function reportJson({ title, facts, command, worst }: ReportMeta, body: object): string {
  const named = ({ pair, cosine, first, second }: PicturedPair) => ({
    pair: pair + 1,
    cosine,
    first: first.name,
    second: second.name,
  })
  const whole = {
    title,
    ...body,
    ...(worst && {
      worst: { falseMatches: worst.falseMatches.map(named), misses: worst.misses.map(named) },
    }),
    facts: Object.fromEntries(facts),
    command,
  }
  return `${JSON.stringify(whole, null, 2)}\n`
}

/** The figures as CSV: result, figure, value, and the limits of its interval. */
export const figuresCsv = (results: readonly NamedResult[]): string =>
  figureRows(results.map((one) => [one.name, figuresOf(one)] as const))

export function figureRows(results: readonly (readonly [string, readonly Figure[]])[]): string {
  return csvText(
    ['result', 'figure', 'value', 'low', 'high'],
    results.flatMap(([name, figures]) =>
      figures.map(({ figure, value, low = '', high = '' }) => [name, figure, value, low, high]),
    ),
  )
}

type Scored = Pick<NamedResult['result'], 'similarities' | 'same'>

/** The points of the ROC curves as CSV; DET is the same with 1 - TAR. */
export function curvesCsv(
  results: readonly { readonly name: string; readonly result: Scored }[],
): string {
  return csvText(
    ['result', 'far', 'tar', 'threshold'],
    results.flatMap(({ name, result }) =>
      curvePoints(result).map(({ far, tar, threshold }) => [
        name,
        far,
        tar,
        Number.isFinite(threshold) ? threshold : '',
      ]),
    ),
  )
}

/** Pairs that were scored, with the names of both images. */
export interface NamedPairs extends Scored {
  /** Left out, there is no column of folds. */
  readonly folds?: number
  /** What the two images of a pair are called. */
  names(pair: number): readonly [string, string]
}

/** Pairs a piece of text. */
const PIECE = 4096

/**
 * Every pair with its score as CSV, in pieces of text: pair, fold, both images, same, cosine, angle in degrees. Millions
 * of pairs are more than one string holds.
 */
export function* scoresCsv({ similarities, same, folds, names }: NamedPairs): Generator<string> {
  const starts = folds === undefined ? undefined : foldStarts(same, folds)
  const place = starts ? ['pair', 'fold'] : ['pair']
  yield csvLine([...place, 'first', 'second', 'same', 'cosine', 'angle_degrees'])
  let fold = 0
  for (let start = 0; start < same.length; start += PIECE) {
    let text = ''
    for (let p = start; p < Math.min(start + PIECE, same.length); p++) {
      if (starts && p === starts[fold + 1]) fold++
      const place = starts ? [p + 1, fold + 1] : [p + 1]
      const angle = degreesOf(similarities[p]!).toFixed(4)
      text += csvLine([...place, ...names(p), same[p]!, similarities[p]!, angle])
    }
    yield text
  }
}
