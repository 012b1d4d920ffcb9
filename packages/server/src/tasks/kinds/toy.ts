import { z } from 'zod'
import { defineKind, option } from '../kind.js'

/** Patterns of each identity that a page draws. */
const POINTS = 30

const loss = z.strictObject({
  m1: z.number().positive().max(4),
  m2: z.number().min(0).lt(Math.PI),
  m3: z.number().min(0).lt(2),
  scale: z.number().positive().max(1000),
})

export const toy = defineKind(
  'toy',
  'Eight identities trained in two and three dimensions under unified margins, and the way there: `arcface geometry toy`',
  {
    losses: z.array(loss).min(1).max(4).describe('cos(m1 θ + m2) - m3, times the scale'),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  },
  ({ losses, seed }, at) => [
    ...['geometry', 'toy'],
    ...losses.flatMap(({ m1, m2, m3, scale }) =>
      option('--loss', `{name: unified, m1: ${m1}, m2: ${m2}, m3: ${m3}, scale: ${scale}}`),
    ),
    ...option('--seed', seed),
    ...option('--points', POINTS),
    ...['--out', at.own('toy'), '--json'],
  ],
)
