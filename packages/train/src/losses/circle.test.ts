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
} from '../testing/losses.js'
import { Circle } from './circle.js'

const shape = { classes: 5, dim: 4 }

/** Cosines of each sample with each centre. */
const cosinesOf = ({ embeddings, weight }: LossCase) =>
  embeddings.map((x) => weight.map((w) => cosineOf(x, w)))

describe('Circle', () => {
  it('is the formula of the paper, the weights held fixed in the gradient', () => {
    fc.assert(
      fc.property(scatteredCases(), fc.double({ min: 0, max: 0.9, noNaN: true }), (given, m) => {
        // Weights of the point itself, whatever point the formula is taken at.
        const weights = cosinesOf(given).map((row, i) =>
          row.map((c, j) => Math.max(0, j === given.labels[i] ? 1 + m - c : c + m)),
        )
        const formula = (at: LossCase) =>
          mean(
            cosinesOf(at).map((row, i) => {
              const label = at.labels[i]!
              const logits = row.map((c, j) => weights[i]![j]! * (c - (j === label ? 1 - m : m)))
              return crossEntropy(
                logits.map((one) => 16 * one),
                label,
              )
            }),
          )
        const found = runLoss(new Circle(shape, { scale: 16, margin: m }), given)
        expect(Math.abs(found.value - formula(given))).toBeLessThan(1e-9 * (1 + found.value))
        expectGradient(found, given, formula)
      }),
      { numRuns: 30 },
    )
  })
})
