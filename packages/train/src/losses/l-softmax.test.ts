import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allFinite,
  cosineOf,
  crossEntropy,
  expectGradient,
  type LossCase,
  length,
  mean,
  psiOf,
  runLoss,
  scatteredCases,
} from '../testing/losses.js'
import { createLoss } from './index.js'

const shape = { classes: 5, dim: 4 }

/** The paper's formula in float64; `share` of psi, 1 / (1 + lambda). */
const formula =
  (m: number, share: number) =>
  ({ embeddings, weight, labels }: LossCase): number =>
    mean(
      embeddings.map((x, i) => {
        const logits = weight.map((w, j) => {
          const cosine = cosineOf(x, w)
          const own = share * psiOf(cosine, m) + (1 - share) * cosine
          return length(w) * length(x) * (j === labels[i] ? own : cosine)
        })
        return crossEntropy(logits, labels[i]!)
      }),
    )

describe('L-Softmax', () => {
  it.each([1, 2, 3, 4])('is the formula of the paper, with its gradient, m = %i', (margin) => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        // Lambda has fallen to 0, as after a long training.
        const found = runLoss(createLoss({ name: 'l-softmax', margin }, shape), given)
        const expected = formula(margin, 1)
        expect(Math.abs(found.value / expected(given) - 1)).toBeLessThan(1e-6)
        expectGradient(found, given, expected)
      }),
      { numRuns: 20 },
    )
  })

  it('begins as plain softmax, and lambda falls step by step', () => {
    const annealing = { base: 90, gamma: 0.5, min: 4 }
    fc.assert(
      fc.property(scatteredCases(), fc.nat(100), (given, step) => {
        const loss = createLoss({ name: 'l-softmax', margin: 3, annealing }, shape)
        loss.schedule({ step, marginShare: 1, scale: null })
        const lambda = Math.max(4, 90 / (1 + 0.5 * step))
        expect(runLoss(loss, given).value).toBeCloseTo(formula(3, 1 / (1 + lambda))(given), 7)
      }),
      { numRuns: 20 },
    )
  })

  it('with m = 1 is softmax without a bias', () => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        const [own, plain] = [{ name: 'l-softmax', margin: 1 }, { name: 'softmax' }].map(
          (options) => runLoss(createLoss(options, shape), given).value,
        )
        expect(own).toBeCloseTo(plain!, 12)
      }),
      { numRuns: 20 },
    )
  })

  it('is finite where everything is huge', () => {
    const huge = Array.from({ length: 5 }, (_, i) => [3.4e38, -3.4e38, 3.4e38, i].map(Math.fround))
    const given = { embeddings: huge, weight: huge.map((row) => row.map((w) => w / 1e19)) }
    const built = createLoss({ name: 'l-softmax' }, shape)
    const found = runLoss(built, { ...given, labels: [0, 1, 2, 3, 4] }, { dtype: 'float32' })
    expect(allFinite(found)).toBe(true)
  })

  it.each([{ margin: 0 }, { margin: 2.5 }, { annealing: { base: -1 } }, { scale: 30 }])(
    'refuses %o',
    (options) => {
      expect(() => createLoss({ name: 'l-softmax', ...options }, shape)).toThrow(
        expect.objectContaining({ code: 'TRAIN_LOSS' }),
      )
    },
  )
})
