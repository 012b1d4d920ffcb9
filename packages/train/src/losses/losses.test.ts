import { scope } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  allFinite,
  awkwardCases,
  crossEntropy,
  dot,
  expectGradient,
  type LossCase,
  lossCases,
  mean,
  ordinary,
  runLoss,
} from '../testing/losses.js'
import { createLoss, listLosses, Softmax } from './index.js'

const shape = { classes: 5, dim: 4 }

/** Embeddings of any float16. Centres below 1e3: gradients of losses that keep their lengths are in proportion. */
const halfCases = fc
  .tuple(
    lossCases(fc.float({ min: -6e4, max: 6e4, noNaN: true })),
    lossCases(fc.float({ min: -1e3, max: 1e3, noNaN: true })),
  )
  .map(([{ embeddings, labels }, { weight }]) => ({ embeddings, weight, labels }))

describe.each(listLosses())('%s', (name) => {
  it('starts with centres from N(0, 0.01), if any', () => {
    scope(() => {
      const loss = createLoss({ name }, { classes: 500, dim: 64 })
      const values = loss.centres?.toFloat32Array()
      if (values) expect(Math.sqrt(mean([...values].map((w) => w * w)))).toBeCloseTo(0.01, 3)
      loss.dispose()
    })
  })

  it('is finite for every finite float32 embedding, value and gradient', () => {
    fc.assert(
      fc.property(awkwardCases(), (given) => {
        const found = runLoss(createLoss({ name }, shape), given, { dtype: 'float32' })
        expect(allFinite(found)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it.each(['bfloat16', 'float16'] as const)('is finite under %s autocast', (under) => {
    fc.assert(
      fc.property(halfCases, (given) => {
        const found = runLoss(createLoss({ name }, shape), given, { dtype: 'float32', under })
        expect(allFinite(found)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('is finite with a single class and with one label for all', () => {
    const given = {
      embeddings: [
        [1, 2, 3, 4],
        [0, 0, 0, 0],
      ],
      weight: [[1, 0, 0, 0]],
      labels: [0, 0],
    }
    expect(allFinite(runLoss(createLoss({ name }, { classes: 1, dim: 4 }), given))).toBe(true)
  })
})

describe('createLoss', () => {
  it.each([
    [{ name: 'arcfase' }, /no loss named "arcfase"; did you mean arcface\?/],
    [{ name: 'toString' }, /no loss named "toString"/],
    [{ name: 'arcface', margn: 1 }, /arcface has no key margn; did you mean margin\?/],
    [{ name: 'arcface', scale: 0 }, /loss\.scale/],
    [{ name: 'arcface', scale: Number.POSITIVE_INFINITY }, /loss\.scale/],
    [{ name: 'arcface', margin: -0.1 }, /loss\.margin/],
    [{ name: 'arcface', margin: Math.PI }, /loss\.margin/],
    [{ name: 'cosface', margin: 2 }, /loss\.margin/],
    [{ name: 'sphereface', margin: 0.9 }, /loss\.margin/],
    [{ name: 'unified', m1: 0 }, /loss\.m1/],
  ])('refuses %o', (options, message) => {
    expect(() => createLoss(options, shape)).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOSS', message: expect.stringMatching(message) }),
    )
  })

  it.each([{ classes: 0 }, { dim: 2.5 }])('refuses %o', (wrong) => {
    expect(() => createLoss({ name: 'softmax' }, { ...shape, ...wrong })).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOSS' }),
    )
  })
})

describe('Softmax', () => {
  it('is the cross-entropy of x W^T + b, with its gradient', () => {
    const formula = ({ embeddings, weight, labels }: LossCase) =>
      mean(
        embeddings.map((x, i) =>
          crossEntropy(
            weight.map((w) => dot(x, w)),
            labels[i]!,
          ),
        ),
      )
    fc.assert(
      fc.property(lossCases(ordinary), (given) => {
        const found = runLoss(new Softmax(shape), given)
        expect(found.value).toBeCloseTo(formula(given), 9)
        expectGradient(found, given, formula)
      }),
      { numRuns: 20 },
    )
  })
})
