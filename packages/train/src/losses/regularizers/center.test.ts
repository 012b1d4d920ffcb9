import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  expectGradient,
  type LossCase,
  mean,
  rows,
  runLoss,
  scatteredCases,
} from '../../testing/losses.js'
import { createLoss, Softmax } from '../index.js'
import { Center } from './center.js'

const shape = { classes: 5, dim: 4 }

/** lambda / 2 |x - c_y|^2, the mean over the batch. */
const formula =
  (lambda: number, centres: readonly number[][]) =>
  ({ embeddings, labels }: LossCase): number =>
    mean(
      embeddings.map((x, i) => {
        const c = centres[labels[i]!]!
        return (lambda / 2) * x.reduce((sum, value, d) => sum + (value - c[d]!) ** 2, 0)
      }),
    )

/** The paper's rule (equations 3 and 4), a class and a coordinate at a time. */
function moved({ embeddings, labels }: LossCase, centres: readonly number[][], alpha: number) {
  return centres.map((c, j) => {
    const own = embeddings.filter((_, i) => labels[i] === j)
    return c.map((value, d) => {
      const delta = own.reduce((sum, x) => sum + (value - x[d]!), 0) / (1 + own.length)
      return value - alpha * delta
    })
  })
}

const cases = fc.tuple(
  scatteredCases({ count: 6, classes: 5 }),
  fc.double({ min: 0.01, max: 1, noNaN: true }),
)
const labelsOf = ({ labels }: LossCase) => tensor(labels, [labels.length], { dtype: 'int64' })
const matrix = (values: number[][]) =>
  tensor(Float64Array.from(values.flat()), [values.length, values[0]!.length])

describe('center', () => {
  it('adds lambda / 2 |x - c_y|^2 to the loss, with its gradient', () => {
    fc.assert(
      fc.property(cases, ([given, lambda]) => {
        const centres = given.weight.map((row) => row.map((one) => Math.fround(one + 1)))
        const regularizers = [{ name: 'center', weight: lambda }]
        const loss = createLoss({ name: 'softmax', regularizers }, shape)
        const buffer = loss.stateDict().get('regularizers.center.centres')!
        scope(() => ops.copy_(buffer, matrix(centres)))
        const found = runLoss(loss, given)
        const bare = runLoss(new Softmax(shape), given)
        expect(found.value - bare.value).toBeCloseTo(formula(lambda, centres)(given), 9)
        const added = found.embeddingGradient.map((row, i) =>
          row.map((one, d) => one - bare.embeddingGradient[i]![d]!),
        )
        expectGradient(
          { value: 0, embeddingGradient: added, weightGradient: [] },
          given,
          formula(lambda, centres),
        )
        expect(found.weightGradient).toEqual(bare.weightGradient)
      }),
      { numRuns: 30 },
    )
  })

  it('moves the centres of the classes seen, step by step, in training only', () => {
    fc.assert(
      fc.property(cases, ([given, alpha]) => {
        scope(() => {
          const term = new Center(shape, { weight: 1, alpha }).to({ dtype: 'float64' })
          const now = () => rows(term.centres.toTypedArray() as Float64Array, 4)
          const expectCentres = (expected: number[][]) =>
            now().forEach((row, j) => {
              row.forEach((value, d) => {
                expect(value).toBeCloseTo(expected[j]![d]!, 10)
              })
            })
          const x = matrix(given.embeddings)
          x.requiresGrad = true
          let expected = now()
          expect(expected.flat().every((value) => value === 0)).toBe(true)
          for (let step = 0; step < 3; step++) {
            expected = moved(given, expected, alpha)
            term.call(x, labelsOf(given)).backward()
            expectCentres(expected)
          }
          term.eval()
          noGrad(() => term.call(x, labelsOf(given)))
          expectCentres(expected)
          expect(term.centres.requiresGrad).toBe(false)
          term.dispose()
        })
      }),
      { numRuns: 20 },
    )
  })
})
