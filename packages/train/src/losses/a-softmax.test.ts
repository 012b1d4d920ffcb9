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
  rows,
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
          return length(x) * (j === labels[i] ? own : cosine)
        })
        return crossEntropy(logits, labels[i]!)
      }),
    )

const annealing = { base: 90, gamma: 0.5, min: 4 }
const at = (step: number, marginShare = 1) => ({ step, marginShare, scale: null })

describe('A-Softmax', () => {
  it.each([1, 2, 3, 4])('is the formula of the paper, with its gradient, m = %i', (margin) => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        const found = runLoss(createLoss({ name: 'a-softmax', margin }, shape), given)
        const expected = formula(margin, 1 / 6)
        expect(Math.abs(found.value / expected(given) - 1)).toBeLessThan(1e-6)
        expectGradient(found, given, expected)
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    [at(0), 1 / 91],
    [at(10), 1 / 16],
    [at(10, 0.5), 0.5 / 16],
    [at(1000), 1 / 5],
  ])('lowers lambda step by step: %o', (now, share) => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        const loss = createLoss({ name: 'a-softmax', annealing }, shape)
        loss.schedule(now)
        expect(runLoss(loss, given).value).toBeCloseTo(formula(4, share)(given), 7)
      }),
      { numRuns: 10 },
    )
  })

  it('keeps the lengths of embeddings and not those of centres', () => {
    const weight = rows([1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, -1, 1, -1, 1, -1], 4)
    const given = { embeddings: [[1, 2, -1, 0.5]], weight, labels: [2] }
    const value = (by: { x: number; w: number }) =>
      runLoss(createLoss({ name: 'a-softmax' }, shape), {
        ...given,
        embeddings: given.embeddings.map((row) => row.map((one) => one * by.x)),
        weight: given.weight.map((row) => row.map((one) => one * by.w)),
      }).value
    expect(value({ x: 1, w: 7 })).toBeCloseTo(value({ x: 1, w: 1 }), 9)
    expect(value({ x: 3, w: 1 })).not.toBeCloseTo(value({ x: 1, w: 1 }), 2)
  })

  it('is finite where everything is huge, with psi alone', () => {
    const huge = Array.from({ length: 5 }, (_, i) => [3.4e38, -3.4e38, 3.4e38, i].map(Math.fround))
    const options = { name: 'a-softmax', annealing: { min: 0 } }
    const given = { embeddings: huge, weight: huge, labels: [0, 1, 2, 3, 4] }
    expect(allFinite(runLoss(createLoss(options, shape), given, { dtype: 'float32' }))).toBe(true)
  })

  it.each([
    [{ margin: 5 }, /loss\.margin/],
    [{ margin: 1.5 }, /loss\.margin/],
    [{ annealing: { gamma: 0 } }, /loss\.annealing\.gamma/],
    [{ annealing: { bas: 1 } }, /annealing/],
    [{ scale: 30 }, /a-softmax has no key scale/],
  ])('refuses %o', (options, message) => {
    expect(() => createLoss({ name: 'a-softmax', ...options }, shape)).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOSS', message: expect.stringMatching(message) }),
    )
  })
})
