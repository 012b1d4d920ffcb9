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
import { Inter } from './inter.js'

const shape = { classes: 5, dim: 4 }

/** -1 / (pi (C - 1)) times the sum of the angles from the centre of class y to the others. */
const spread = (centres: readonly number[][], y: number): number =>
  -centres.reduce((sum, w, j) => (j === y ? sum : sum + Math.acos(cosineOf(centres[y]!, w))), 0) /
  (Math.PI * (centres.length - 1))

/** The paper's equation 6 with a weight on its second part; s is 8. */
const formula =
  (weight: number) =>
  ({ embeddings, weight: centres, labels }: LossCase): number =>
    mean(
      embeddings.map((x, i) => {
        const logits = centres.map((w) => 8 * cosineOf(x, w))
        return crossEntropy(logits, labels[i]!) + weight * spread(centres, labels[i]!)
      }),
    )

describe('inter', () => {
  it('adds minus the mean angle to the other centres over pi, with its gradient', () => {
    fc.assert(
      fc.property(
        scatteredCases(),
        fc.double({ min: 0.01, max: 9, noNaN: true }),
        (given, weight) => {
          const regularizers = [{ name: 'inter', weight }]
          const loss = createLoss({ name: 'norm-softmax', scale: 8, regularizers }, shape)
          const found = runLoss(loss, given)
          expect(found.value).toBeCloseTo(formula(weight)(given), 9)
          expectGradient(found, given, formula(weight))
        },
      ),
      { numRuns: 30 },
    )
  })

  const inter = (rows: number[][], labels: number[]) =>
    scope(() => {
      const of = { classes: rows.length, dim: 2 }
      const loss = createLoss({ name: 'norm-softmax' }, of)
      noGrad(() => ops.copy_(loss.centres!, tensor(rows.flat(), [rows.length, 2])))
      const term = new Inter('inter', loss, of, 1)
      const value = term.call(
        ops.zeros([labels.length, 2]),
        tensor(labels, [labels.length], { dtype: 'int64' }),
      )
      value.backward()
      const gradient = [...loss.centres!.grad!.toFloat32Array()]
      const result = { value: value.item(), gradient }
      loss.dispose()
      return result
    })

  it('is -1 for opposite centres, -1/2 at right angles, 0 for equal ones, finite at all', () => {
    expect(
      inter(
        [
          [1, 0],
          [-2, 0],
        ],
        [0, 1],
      ).value,
    ).toBeCloseTo(-1, 3)
    expect(
      inter(
        [
          [1, 0],
          [0, 3],
        ],
        [1],
      ).value,
    ).toBeCloseTo(-0.5, 6)
    const equal = inter(
      [
        [1, 1],
        [3, 3],
      ],
      [0, 1],
    )
    expect(equal.value).toBeCloseTo(0, 3)
    for (const rows of [
      [
        [1, 1],
        [3, 3],
      ],
      [
        [1, 0],
        [-1, 0],
      ],
      [
        [0, 0],
        [1, 2],
      ],
      [
        [1e30, 1],
        [1e-30, 0],
      ],
    ])
      expect(inter(rows, [0, 1]).gradient.every(Number.isFinite)).toBe(true)
  })

  it('is 0 without other classes', () => {
    const { value, gradient } = inter([[1, 2]], [0, 0])
    expect(value).toBeCloseTo(0, 12)
    expect(gradient.every((one) => Math.abs(one) === 0)).toBe(true)
  })

  it('takes the nearest two of several centres a class', () => {
    fc.assert(
      fc.property(scatteredCases({ classes: 15 }), ({ weight, labels }) => {
        const own = labels.map((label) => label % 5)
        const of = (j: number) => weight.slice(3 * j, 3 * j + 3)
        const angle = (i: number, j: number) =>
          Math.min(...of(i).flatMap((a) => of(j).map((b) => Math.acos(cosineOf(a, b)))))
        const expected = mean(
          own.map((y) => -mean([0, 1, 2, 3, 4].filter((j) => j !== y).map((j) => angle(y, j)))),
        )
        scope(() => {
          const loss = new UnifiedMargin(shape, { scale: 8, m1: 1, m2: 0, m3: 0 }, 3)
          noGrad(() => ops.copy_(loss.centres!, tensor(weight.flat(), [15, 4])))
          const term = new Inter('inter', loss, shape, 1)
          const y = tensor(own, [3], { dtype: 'int64' })
          const value = term.call(ops.zeros([3, 4]), y).item()
          expect(value).toBeCloseTo(expected / Math.PI, 5)
          loss.dispose()
        })
      }),
      { numRuns: 30 },
    )
  })
})
