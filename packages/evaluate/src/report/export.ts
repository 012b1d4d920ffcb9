import { foldStarts } from '../verification/folds.js'
import type { VerificationResult } from '../verification/verification.js'
import { pairAngles } from './scores.js'
import type { NamedResult, VerificationReportMeta } from './verification.js'

/** What `report.html` shows as one JSON object: figures are fractions, angles degrees. */
export function verificationJson(
  results: readonly NamedResult[],
  { title, facts, command }: VerificationReportMeta,
): string {
  const figures = results.map(({ name, result, intervals }) => {
    const { similarities, same, ...plain } = result
    return { name, ...plain, angles: pairAngles(result), ...(intervals && { intervals }) }
  })
  const whole = { title, results: figures, facts: Object.fromEntries(facts), command }
  return `${JSON.stringify(whole, null, 2)}\n`
}

/**
 * Every pair with its score as CSV: pair, fold, both images, same, cosine, angle in degrees.
 * @param names what the images are called, by row
 * @param a rows of the first of each pair
 * @param b rows of the second
 */
export function scoresCsv(
  { similarities, same, foldAccuracies }: VerificationResult,
  names: readonly string[],
  a: Int32Array,
  b: Int32Array,
): string {
  const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const starts = foldStarts(same, foldAccuracies.length)
  let fold = 0
  const lines = Array.from(similarities, (cosine, p) => {
    if (p === starts[fold + 1]) fold++
    const angle = (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI
    const images = [a[p]!, b[p]!].map((row) => field(names[row] ?? `row ${row}`))
    return [p + 1, fold + 1, ...images, same[p], cosine, angle.toFixed(4)].join(',')
  })
  return `${['pair,fold,first,second,same,cosine,angle_degrees', ...lines].join('\n')}\n`
}
