import { ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cosineOf,
  crossEntropy,
  expectGradient,
  type LossCase,
  matrix,
  mean,
  runLoss,
  scatteredCases,
} from '../testing/losses.js'
import { CurricularFace } from './curricularface.js'

const shape = { classes: 5, dim: 4 }
const options = { scale: 8, margin: 0.5 }

const formula =
  (t: number) =>
  ({ embeddings, weight, labels }: LossCase) =>
    mean(
      embeddings.map((x, i) => {
        const cosines = weight.map((w) => cosineOf(x, w))
        const own = cosines[labels[i]!]!
        const shifted = Math.cos(Math.acos(own) + 0.5)
        const target = Math.acos(own) + 0.5 < Math.PI ? shifted : own - 0.5 * Math.sin(0.5)
        const logits = cosines.map((c, j) => {
          if (j === labels[i]) return 8 * target
          return 8 * (c > shifted ? c * (t + c) : c)
        })
        return crossEntropy(logits, labels[i]!)
      }),
    )

describe('CurricularFace', () => {
  it('is the formula of the paper at the t it has, with its gradient', () => {
    fc.assert(
      fc.property(scatteredCases(), fc.double({ min: 0, max: 1, noNaN: true }), (given, t) => {
        const loss = new CurricularFace(shape, options)
          .to({ dtype: 'float64' })
          .eval() as CurricularFace
        ops.fill_(loss.progress, t)
        const found = runLoss(loss, given)
        expect(Math.abs(found.value - formula(t)(given))).toBeLessThan(1e-9 * (1 + found.value))
        expectGradient(found, given, formula(t))
      }),
      { numRuns: 30 },
    )
  })

  it('moves t by a hundredth of the mean target cosine, in training only, and saves it', () => {
    scope(() => {
      const loss = new CurricularFace({ classes: 2, dim: 2 }, options)
      loss.loadStateDict(
        new Map([
          [
            'weight',
            matrix([
              [1, 0],
              [0, 1],
            ]),
          ],
          ['t', tensor([0.5], [])],
        ]),
      )
      const run = () =>
        loss.call(
          matrix([
            [3, 4],
            [3, 4],
          ]),
          tensor([0, 1], [2], { dtype: 'int64' }),
        )
      run()
      expect(loss.progress.item()).toBeCloseTo(0.99 * 0.5 + (0.01 * (0.6 + 0.8)) / 2, 6)
      loss.eval()
      run()
      expect(loss.stateDict().get('t')!.item()).toBeCloseTo(0.502, 6)
      loss.dispose()
    })
  })
})
