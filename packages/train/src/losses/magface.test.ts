import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosineOf,
  crossEntropy,
  expectGradient,
  type LossCase,
  length,
  mean,
  runLoss,
  scatteredCases,
} from '../testing/losses.js'
import { createLoss } from './index.js'
import { MagFace } from './magface.js'

const shape = { classes: 5, dim: 4 }
const options = { scale: 8, lengths: [0.5, 3], margins: [0.2, 0.9], lambda: 2 } as const

const formula = ({ embeddings, weight, labels }: LossCase) =>
  mean(
    embeddings.map((x, i) => {
      const a = Math.min(Math.max(length(x), 0.5), 3)
      const m = 0.2 + (0.7 * (a - 0.5)) / 2.5
      const cosines = weight.map((w) => cosineOf(x, w))
      const theta = Math.acos(cosines[labels[i]!]!)
      const target = theta + m < Math.PI ? Math.cos(theta + m) : Math.cos(theta) - m * Math.sin(m)
      const logits = cosines.map((c, j) => 8 * (j === labels[i] ? target : c))
      return crossEntropy(logits, labels[i]!) + 2 * (1 / a + a / 9)
    }),
  )

describe('MagFace', () => {
  it('is the formula of the paper, with its gradient by the length, too', () => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        fc.pre(
          given.embeddings.every((x) =>
            [0.5, 3].every((edge) => Math.abs(length(x) - edge) > 1e-3),
          ),
        )
        const found = runLoss(new MagFace(shape, options), given)
        expect(Math.abs(found.value - formula(given))).toBeLessThan(1e-9 * (1 + found.value))
        expectGradient(found, given, formula)
      }),
      { numRuns: 30 },
    )
  })

  it.each([{ lengths: [110, 10] }, { margins: [0.8, 0.45] }, { lambda: -1 }, { lengths: [0, 1] }])(
    'refuses %o',
    (wrong) => {
      expect(() => createLoss({ name: 'magface', ...wrong }, shape)).toThrow(
        expect.objectContaining({ code: 'TRAIN_LOSS' }),
      )
    },
  )
})
