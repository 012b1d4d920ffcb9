import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
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
import { createLoss } from './index.js'
import { SubcenterArcFace } from './subcenter.js'

const shape = { classes: 5, dim: 4 }
const SCALE = 16

/** Equation 3 in float64; row j * k + i of the weight is centre i of class j. */
const formula =
  (k: number, margin: number) =>
  ({ embeddings, weight, labels }: LossCase): number =>
    mean(
      embeddings.map((x, n) => {
        const logits = Array.from({ length: weight.length / k }, (_, j) => {
          const own = weight.slice(j * k, (j + 1) * k).map((w) => cosineOf(x, w))
          const theta = Math.acos(Math.max(...own))
          if (j !== labels[n]) return SCALE * Math.cos(theta)
          if (theta + margin > Math.PI)
            return SCALE * (Math.cos(theta) - margin * Math.sin(Math.PI - margin))
          return SCALE * Math.cos(theta + margin)
        })
        return crossEntropy(logits, labels[n]!)
      }),
    )

describe('sub-center ArcFace', () => {
  it.each([2, 3])('is equation 3, with its gradient, K = %i', (k) => {
    fc.assert(
      fc.property(scatteredCases({ classes: 4 * k }), (drawn) => {
        const given = { ...drawn, labels: drawn.labels.map((label) => label % 4) }
        // `runLoss` takes the centres as they are when there are as many as the loss has.
        const built = createLoss(
          { name: 'subcenter-arcface', subcenters: k, scale: SCALE },
          { classes: 4, dim: 4 },
        )
        const found = runLoss(built, given)
        expect(found.value).toBeCloseTo(formula(k, 0.5)(given), 6)
        expectGradient(found, given, formula(k, 0.5))
      }),
      { numRuns: 20 },
    )
  })

  it('with one centre a class is ArcFace bit for bit', () => {
    fc.assert(
      fc.property(scatteredCases(), (given) => {
        const [one, arcface] = [
          { name: 'subcenter-arcface', subcenters: 1 },
          { name: 'arcface' },
        ].map((options) => runLoss(createLoss(options, shape), given, { dtype: 'float32' }))
        expect(one).toEqual(arcface)
      }),
      { numRuns: 20 },
    )
  })

  it('moves only the nearest centre of each class', () => {
    scope(() => {
      const loss = createLoss({ name: 'subcenter-arcface' }, { classes: 2, dim: 2 })
      noGrad(() => {
        const centres = [1, 0, 0, 1, -1, 0, 0, -1, -1, -1, 1, -1].map((x, i) => [x, i])
        ops.copy_(loss.centres!, ops.reshape(matrix(centres.map(([x]) => [x!])), [6, 2]))
      })
      const x = tensor(Float32Array.of(2, 0.1), [1, 2])
      loss.call(x, tensor([0], [1], { dtype: 'int64' })).backward()
      const moved = loss.centres!.grad!.toFloat32Array().reduce<boolean[]>((all, value, i) => {
        all[i >> 1] = (all[i >> 1] ?? false) || value !== 0
        return all
      }, [])
      // Of class 0 the first, along x; of class 1 the last, (1, -1).
      expect(moved).toEqual([true, false, false, false, false, true])
      loss.dispose()
    })
  })

  it.each([{ subcenters: 0 }, { subcenters: 1.5 }, { margin: 4 }, { scale: 0 }])(
    'refuses %o',
    (options) => {
      expect(() => createLoss({ name: 'subcenter-arcface', ...options }, shape)).toThrow(
        expect.objectContaining({ code: 'TRAIN_LOSS' }),
      )
    },
  )

  it('is registered under its class', () => {
    const loss = createLoss({ name: 'subcenter-arcface' }, shape)
    expect(loss).toBeInstanceOf(SubcenterArcFace)
    expect(loss.centres!.shape).toEqual([15, 4])
    loss.dispose()
  })
})
