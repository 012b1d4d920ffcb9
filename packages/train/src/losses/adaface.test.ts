import { scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosineOf,
  crossEntropy,
  expectGradient,
  type LossCase,
  length,
  matrix,
  mean,
  runLoss,
  scatteredCases,
} from '../testing/losses.js'
import { AdaFace } from './adaface.js'

const shape = { classes: 5, dim: 4 }
const options = { scale: 8, margin: 0.4, h: 0.5, pace: 1 }

/** With pace 1 mean and deviation are those of the batch; lengths are those of `fixed`. */
const formula =
  (fixed: LossCase) =>
  ({ embeddings, weight, labels }: LossCase) => {
    const lengths = fixed.embeddings.map(length)
    const average = mean(lengths)
    const squares = lengths.reduce((sum, a) => sum + (a - average) ** 2, 0)
    const deviation = Math.sqrt(squares / (lengths.length - 1))
    return mean(
      embeddings.map((x, i) => {
        const q = Math.min(Math.max((0.5 * (lengths[i]! - average)) / (deviation + 1e-3), -1), 1)
        const cosines = weight.map((w) => cosineOf(x, w))
        const theta = Math.acos(cosines[labels[i]!]!) - 0.4 * q
        const clipped = Math.min(Math.max(theta, 1e-3), Math.PI - 1e-3)
        const target = Math.cos(clipped) - 0.4 - 0.4 * q
        return crossEntropy(
          cosines.map((c, j) => 8 * (j === labels[i] ? target : c)),
          labels[i]!,
        )
      }),
    )
  }

describe('AdaFace', () => {
  it('is the formula of the paper, lengths held fixed in the gradient', () => {
    fc.assert(
      fc.property(scatteredCases({ count: 5 }), (given) => {
        const found = runLoss(new AdaFace(shape, options), given)
        const expected = formula(given)
        expect(Math.abs(found.value - expected(given))).toBeLessThan(1e-8 * (1 + found.value))
        expectGradient(found, given, expected)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps running figures of lengths, in training only, and saves them', () => {
    scope(() => {
      const loss = new AdaFace({ classes: 2, dim: 2 }, { ...options, pace: 0.5 })
      const run = () =>
        loss.call(
          matrix([
            [3, 4],
            [6, 8],
          ]),
          tensor([0, 1], [2], { dtype: 'int64' }),
        )
      run()
      loss.eval()
      run()
      const state = loss.stateDict()
      // Lengths 5 and 10: mean 7.5, sample deviation sqrt(12.5).
      expect(state.get('batch_mean')!.item()).toBeCloseTo((20 + 7.5) / 2, 4)
      expect(state.get('batch_std')!.item()).toBeCloseTo((100 + Math.sqrt(12.5)) / 2, 4)
      loss.dispose()
    })
  })
})
