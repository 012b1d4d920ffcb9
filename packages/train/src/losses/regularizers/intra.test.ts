import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosineOf,
  crossEntropy,
  expectGradient,
  type LossCase,
  mean,
  runLoss,
  scatteredCases,
} from '../../testing/losses.js'
import { createLoss } from '../index.js'
import { UnifiedMargin } from '../unified.js'
import { Intra } from './intra.js'

const shape = { classes: 5, dim: 4 }

/** The paper's equation 5 with a weight on its second part; s is 8. */
const formula =
  (weight: number) =>
  ({ embeddings, weight: centres, labels }: LossCase): number =>
    mean(
      embeddings.map((x, i) => {
        const cosines = centres.map((w) => cosineOf(x, w))
        const angle = Math.acos(cosines[labels[i]!]!)
        const logits = cosines.map((c) => 8 * c)
        return crossEntropy(logits, labels[i]!) + (weight * angle) / Math.PI
      }),
    )

describe('intra', () => {
  it('adds theta_y / pi, with its gradient', () => {
    fc.assert(
      fc.property(
        scatteredCases(),
        fc.double({ min: 0.01, max: 9, noNaN: true }),
        (given, weight) => {
          const regularizers = [{ name: 'intra', weight }]
          const loss = createLoss({ name: 'norm-softmax', scale: 8, regularizers }, shape)
          const found = runLoss(loss, given)
          expect(found.value).toBeCloseTo(formula(weight)(given), 9)
          expectGradient(found, given, formula(weight))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('is 0 on the centre, 1 opposite, 1/2 for a vector of zeros', () => {
    scope(() => {
      const loss = createLoss({ name: 'norm-softmax' }, { classes: 1, dim: 2 })
      const term = new Intra('intra', loss, { classes: 1, dim: 2 }, 1)
      noGrad(() => ops.copy_(loss.centres!, tensor([3, 4], [1, 2])))
      const at = (x: number, y: number) =>
        term.call(tensor([x, y], [1, 2]), tensor([0], [1], { dtype: 'int64' })).item()
      expect(at(0.6, 0.8)).toBeCloseTo(0, 3)
      expect(at(-300, -400)).toBeCloseTo(1, 3)
      expect(at(0, 0)).toBe(0.5)
    })
  })

  it('takes the nearest of several centres a class', () => {
    fc.assert(
      fc.property(scatteredCases({ classes: 15 }), ({ embeddings, weight, labels }) => {
        const own = labels.map((label) => label % 5)
        const expected = mean(
          embeddings.map((x, i) => {
            const mine = weight.slice(3 * own[i]!, 3 * own[i]! + 3)
            return Math.min(...mine.map((w) => Math.acos(cosineOf(x, w)))) / Math.PI
          }),
        )
        scope(() => {
          const loss = new UnifiedMargin(shape, { scale: 8, m1: 1, m2: 0, m3: 0 }, 3)
          noGrad(() => ops.copy_(loss.centres!, tensor(weight.flat(), [15, 4])))
          const term = new Intra('intra', loss, shape, 1)
          const x = tensor(embeddings.flat(), [3, 4])
          const y = tensor(own, [3], { dtype: 'int64' })
          expect(term.call(x, y).item()).toBeCloseTo(expected, 5)
          loss.dispose()
        })
      }),
      { numRuns: 30 },
    )
  })
})
