import type { NamedLoss } from './named-loss.js'

/**
 * The colour of each loss in every picture: curves, boundaries, toy, ablation. Those of the paper's tables have the eight
 * of Okabe and Ito, which are apart for the colour-blind too; a loss that is not here is drawn in grey.
 */
export const lossColours: Readonly<Record<string, string>> = {
  arcface: '#d55e00',
  cosface: '#0072b2',
  sphereface: '#009e73',
  softmax: '#999999',
  'norm-softmax': '#000000',
  cm1: '#e69f00',
  cm2: '#cc79a7',
  triplet: '#56b4e9',
  unified: '#8c564b',
  'l-softmax': '#a6761d',
  'a-softmax': '#1b5e20',
  'subcenter-arcface': '#a50026',
  curricularface: '#7b3294',
  magface: '#e7298a',
  adaface: '#00868b',
  elasticface: '#7c9a00',
  'mv-softmax': '#3f2b96',
  circle: '#66c2a5',
}
const OTHER = '#5f6b7a'

/** Of several settings of one loss the first has a whole line. */
const DASHES = [undefined, [7, 4], [2, 3], [10, 3, 2, 3]] as const

/** How a line of a chart shows a loss. */
export interface LossStyle {
  color: string
  dash?: readonly number[]
}

export const colourOf = (name: string): string => lossColours[name] ?? OTHER

/** A style for each: one colour a loss, dashes where a loss stands there again with other settings. */
export function lossStyles(losses: readonly Pick<NamedLoss, 'loss'>[]): LossStyle[] {
  const seen = new Map<string, number>()
  return losses.map(({ loss: { name } }) => {
    const before = seen.get(name) ?? 0
    seen.set(name, before + 1)
    const dash = DASHES[before % DASHES.length]
    return { color: colourOf(name), ...(dash && { dash }) }
  })
}
