import { htmlTable, type Section } from './page.js'
import type { NamedResult } from './verification.js'

/** Sets for which the paper gives figures. */
export type PublishedSet = 'LFW' | 'CFP-FP' | 'AgeDB-30'

const SETS: readonly PublishedSet[] = ['LFW', 'CFP-FP', 'AgeDB-30']

/**
 * Accuracy in percent on LFW, CFP-FP and AgeDB-30 of ResNet-50 trained on CASIA-WebFace: ArcFace,
 * arXiv 1801.07698v3, Table 2.
 */
export const publishedAccuracy: readonly (readonly [string, number, number, number])[] = [
  ['ArcFace, m = 0.5', 99.53, 95.56, 95.15],
  ['SphereFace', 99.11, 94.38, 91.7],
  ['CosFace', 99.51, 95.44, 94.56],
  ['CM1 (1, 0.3, 0.2)', 99.48, 95.12, 94.38],
  ['CM2 (0.9, 0.4, 0.15)', 99.5, 95.24, 94.86],
  ['Softmax', 99.08, 94.39, 92.33],
  ['Norm-Softmax', 98.56, 89.79, 88.72],
  ['Triplet', 98.98, 91.9, 89.98],
]

/** Which of the sets a file or folder is by its name: `lfw.bin`, `cfp_fp.bin`, `agedb_30.bin`. */
export function publishedSet(name: string): PublishedSet | undefined {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  // The cross-age and cross-pose variants of LFW are other sets.
  if (/(ca|cp|sl|x)lfw/.test(plain)) return undefined
  if (plain.includes('lfw')) return 'LFW'
  if (plain.includes('cfpfp')) return 'CFP-FP'
  return plain.includes('agedb') ? 'AgeDB-30' : undefined
}

/** The figures measured beside the paper's. A set that the paper does not know has a column of its own. */
export function publishedSection(
  results: readonly NamedResult[],
  set: PublishedSet | undefined,
): Section {
  const other = set === undefined
  const figure = (percent: number) => `${percent.toFixed(2)} %`
  const measured = results.map(({ name, result }) => [
    `Measured here, ${name}`,
    ...SETS.map((one) => (one === set ? figure(100 * result.accuracy) : '')),
    ...(other ? [figure(100 * result.accuracy)] : []),
  ])
  const paper = publishedAccuracy.map(([name, ...figures]) => [
    name,
    ...figures.map(figure),
    ...(other ? [''] : []),
  ])
  const note = other
    ? 'This set is none of the three of the paper, so its column compares with no other.'
    : 'Compare within a column only.'
  return {
    title: 'Beside published figures',
    html:
      htmlTable(['', ...SETS, ...(other ? ['this set'] : [])], [...measured, ...paper]) +
      `\n<p>Published: ResNet-50 trained on CASIA-WebFace (arXiv 1801.07698, Table 2). ${note}</p>`,
  }
}
