/** cos(m1 theta + m2) - m3 in place of cos(theta) of the true class (ArcFace, arXiv 1801.07698, equation 4). Radians. */
export interface Margins {
  m1: number
  m2: number
  m3: number
}

/**
 * Which derivative of the target logit by cos(theta) training uses: that of the margin, or 1 in its place, as
 * InsightFace's torch code since December 2022.
 */
export type MarginGradient = 'true' | 'straight-through'

/** The margins of the paper's table 2, by the name of the loss that has them. */
export const namedMargins = {
  'norm-softmax': { m1: 1, m2: 0, m3: 0 },
  sphereface: { m1: 1.35, m2: 0, m3: 0 },
  arcface: { m1: 1, m2: 0.5, m3: 0 },
  cosface: { m1: 1, m2: 0, m3: 0.35 },
  cm1: { m1: 1, m2: 0.3, m3: 0.2 },
  cm2: { m1: 0.9, m2: 0.4, m3: 0.15 },
} as const satisfies Readonly<Record<string, Margins>>
