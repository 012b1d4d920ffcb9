import type { MarginGradient, Margins } from './margins.js'

/** The angle at which m1 theta + m2 is pi, where the cosine would rise again. At pi or beyond there is none. */
export const turningAngle = ({ m1, m2 }: Margins): number => (Math.PI - m2) / m1

/**
 * The logit of the true class divided by the scale, at `theta` (0 to pi) from its centre: what the trainer's
 * `UnifiedMargin` gives. Beyond the turning angle it goes on falling as cos(theta) does: with m1 = 1 on InsightFace's
 * line cos(theta) - m2 sin(pi - m2) - m3, which begins below -1; else on from -1.
 */
export function targetLogit(theta: number, margins: Margins): number {
  const { m1, m2, m3 } = margins
  const turn = turningAngle(margins)
  if (theta < turn) return Math.cos(m1 * theta + m2) - m3
  const drop = m1 === 1 ? m2 * Math.sin(Math.PI - m2) : 1 + Math.cos(turn)
  return Math.cos(theta) - drop - m3
}

/** The derivative of `targetLogit` by theta, as training uses it. */
export function targetSlope(
  theta: number,
  margins: Margins,
  gradient: MarginGradient = 'true',
): number {
  const { m1, m2 } = margins
  if (gradient === 'true' && theta < turningAngle(margins)) return -m1 * Math.sin(m1 * theta + m2)
  return -Math.sin(theta)
}
