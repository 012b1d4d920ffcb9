import { html } from './html.js'
import { htmlTable, type Section } from './page.js'
import type { NamedResult } from './scored.js'

/** Sets for which the paper gives figures. */
export type PublishedSet = 'LFW' | 'CFP-FP' | 'AgeDB-30' | 'YTF'

const SETS: readonly PublishedSet[] = ['LFW', 'CFP-FP', 'AgeDB-30', 'YTF']

/**
 * Accuracy in percent on the sets, in their order: ResNet-50 trained on CASIA-WebFace (ArcFace, arXiv 1801.07698v3,
 * Table 2), and ResNet-100 on MS1MV2 (Table 4).
 */
export const publishedAccuracy: readonly (readonly [string, ...(number | undefined)[]])[] = [
  ['ArcFace, m = 0.5', 99.53, 95.56, 95.15],
  ['SphereFace', 99.11, 94.38, 91.7],
  ['CosFace', 99.51, 95.44, 94.56],
  ['CM1 (1, 0.3, 0.2)', 99.48, 95.12, 94.38],
  ['CM2 (0.9, 0.4, 0.15)', 99.5, 95.24, 94.86],
  ['Softmax', 99.08, 94.39, 92.33],
  ['Norm-Softmax', 98.56, 89.79, 88.72],
  ['Triplet', 98.98, 91.9, 89.98],
  ['ArcFace, ResNet-100 on MS1MV2', 99.83, undefined, undefined, 98.02],
]

/** Which of the sets a file or folder is by its name: `lfw.bin`, `cfp_fp.bin`, `agedb_30.bin`. */
export function publishedSet(name: string): PublishedSet | undefined {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  // The cross-age and cross-pose variants of LFW are other sets.
  if (/(ca|cp|sl|x)lfw/.test(plain)) return undefined
  if (plain.includes('lfw')) return 'LFW'
  if (plain.includes('cfpfp')) return 'CFP-FP'
  if (/ytf|youtubefaces/.test(plain)) return 'YTF'
  return plain.includes('agedb') ? 'AgeDB-30' : undefined
}

/** The figures measured beside the paper's. A set that the paper does not know has a column of its own. */
export function publishedSection(
  results: readonly NamedResult[],
  set: PublishedSet | undefined,
): Section {
  const other = set === undefined
  const figure = (percent: number | undefined) =>
    percent === undefined ? '' : `${percent.toFixed(2)} %`
  const measure = (accuracy: number | undefined) => figure(accuracy && 100 * accuracy)
  const measured = results.map(({ name, result }) => [
    `Measured here, ${name}`,
    ...SETS.map((one) => (one === set ? measure(result.accuracy) : '')),
    ...(other ? [measure(result.accuracy)] : []),
  ])
  const paper = publishedAccuracy.map(([name, ...figures]) => [
    name,
    ...SETS.map((_, i) => figure(figures[i])),
    ...(other ? [''] : []),
  ])
  const note = other
    ? 'This set is none of those of the paper, so its column compares with no other.'
    : 'Compare within a column only.'
  return {
    title: 'Beside published figures',
    html: html`${htmlTable(['', ...SETS, ...(other ? ['this set'] : [])], [...measured, ...paper])}
<p>Published (arXiv 1801.07698v3, Tables 2 and 4): ResNet-50 trained on CASIA-WebFace, unless it says otherwise. ${note}</p>`,
  }
}

/** MegaFace challenge 1 with a million distractors, in percent: rank-1, and TAR at FAR 1e-6. */
const MEGAFACE = [
  ['ArcFace, ResNet-100 on MS1MV2, labels of MegaFace cleaned', 98.35, 98.48],
] as const

/** Figures of MegaFace beside the paper's. */
export function megafaceSection(rank1: number, tar: number | undefined): Section {
  const figure = (percent: number) => `${percent.toFixed(2)} %`
  return {
    title: 'Beside published figures',
    html: html`${htmlTable(
      ['', 'Rank-1', 'TAR at FAR 1e-6'],
      [
        ['Measured here', figure(100 * rank1), tar === undefined ? '' : figure(100 * tar)],
        ...MEGAFACE.map(([name, ...figures]) => [name, ...figures.map(figure)]),
      ],
    )}\n<p>Published (arXiv 1801.07698v3) with a million distractors; fewer make the task easier.</p>`,
  }
}
