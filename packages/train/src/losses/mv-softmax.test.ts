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
import { createLoss } from './index.js'
import { MVSoftmax } from './mv-softmax.js'

const shape = { classes: 5, dim: 4 }
const scale = 8

const formula =
  (variant: 'arc' | 'am', m: number, t: number) =>
  ({ embeddings, weight, labels }: LossCase) =>
    mean(
      embeddings.map((x, i) => {
        const cosines = weight.map((w) => cosineOf(x, w))
        const own = cosines[labels[i]!]!
        const theta = Math.acos(own)
        const arc = theta + m < Math.PI ? Math.cos(theta + m) : own - m * Math.sin(m)
        const target = variant === 'arc' ? arc : own - m
        const logits = cosines.map((c, j) => {
          if (j === labels[i]) return scale * target
          return scale * (c > target ? (t + 1) * c + t : c)
        })
        return crossEntropy(logits, labels[i]!)
      }),
    )

describe.each(['arc', 'am'] as const)('MVSoftmax, %s', (variant) => {
  it('is the formula of the paper, with its gradient', () => {
    fc.assert(
      fc.property(scatteredCases(), fc.double({ min: 0, max: 1, noNaN: true }), (given, t) => {
        const loss = new MVSoftmax(shape, { scale, variant, margin: 0.4, t })
        const found = runLoss(loss, given)
        const expected = formula(variant, 0.4, t)
        expect(Math.abs(found.value - expected(given))).toBeLessThan(1e-9 * (1 + found.value))
        expectGradient(found, given, expected)
      }),
      { numRuns: 30 },
    )
  })

  it('with t = 0 is ArcFace or CosFace', () => {
    const name = variant === 'arc' ? 'arcface' : 'cosface'
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        const plain = runLoss(createLoss({ name }, shape), given)
        const found = runLoss(createLoss({ name: 'mv-softmax', variant, t: 0 }, shape), given)
        expect(found).toEqual(plain)
      }),
      { numRuns: 10 },
    )
  })
})
