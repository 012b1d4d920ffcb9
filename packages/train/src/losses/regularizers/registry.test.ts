import { manualSeed, noGrad, ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkConfig } from '../../config/load.js'
import { allFinite, awkwardCases, lossCases, ordinary, runLoss } from '../../testing/losses.js'
import { createLoss, listLosses, listRegularizers } from '../index.js'

const shape = { classes: 5, dim: 4 }
const all = [{ name: 'center' }, { name: 'intra' }, { name: 'inter' }]
const takesCentres = listLosses().filter((name) => name !== 'triplet')

describe.each(listRegularizers())('%s', (term) => {
  it('is finite for every finite float32 embedding, value and gradient', () => {
    fc.assert(
      fc.property(awkwardCases(), fc.constantFrom('softmax', 'arcface'), (given, name) => {
        const loss = createLoss({ name, regularizers: [{ name: term }] }, shape)
        expect(allFinite(runLoss(loss, given, { dtype: 'float32' }))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it.each(['bfloat16', 'float16'] as const)('is finite under %s autocast', (under) => {
    fc.assert(
      fc.property(lossCases(fc.float({ min: -6e4, max: 6e4, noNaN: true })), (given) => {
        const loss = createLoss({ name: 'arcface', regularizers: [{ name: term }] }, shape)
        expect(allFinite(runLoss(loss, given, { dtype: 'float32', under }))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('is finite with a single class', () => {
    const given = {
      embeddings: [
        [1, 2, 3, 4],
        [0, 0, 0, 0],
      ],
      weight: [[1, 0, 0, 0]],
      labels: [0, 0],
    }
    const loss = createLoss(
      { name: 'arcface', regularizers: [{ name: term }] },
      { classes: 1, dim: 4 },
    )
    expect(allFinite(runLoss(loss, given))).toBe(true)
  })
})

describe('regularizers', () => {
  it.each(takesCentres)('add up beside %s', (name) => {
    fc.assert(
      fc.property(lossCases(ordinary), (given) => {
        const value = (regularizers: object[]) => {
          const loss = createLoss({ name, regularizers }, shape)
          manualSeed(1) // ElasticFace draws its margins
          return runLoss(loss, given).value
        }
        const bare = value([])
        const alone = all.map((one) => value([one]) - bare)
        const apart = bare + alone.reduce((a, b) => a + b, 0)
        // Relative: what a difference keeps of a loss of 1e3 is rounding.
        expect(Math.abs(value(all) / apart - 1)).toBeLessThan(1e-9)
      }),
      { numRuns: 5 },
    )
  })

  it('leave the names of the loss as they are, and save what they keep', () => {
    scope(() => {
      const names = (regularizers: object[]) => {
        const loss = createLoss({ name: 'arcface', regularizers }, shape)
        const found = [...loss.stateDict().keys()]
        loss.dispose()
        return found
      }
      expect(names([])).toEqual(['weight'])
      expect(names([{ name: 'intra' }, { name: 'inter' }])).toEqual(['weight'])
      expect(names(all)).toEqual(['weight', 'regularizers.center.centres'])
    })
  })

  it('go on from a saved state with the same values', () => {
    scope(() => {
      const build = () => createLoss({ name: 'softmax', regularizers: all }, shape)
      const [one, other] = [build(), build()]
      const x = tensor([1, 2, 3, 4, -1, 0, 2, 5], [2, 4])
      const y = tensor([3, 1], [2], { dtype: 'int64' })
      noGrad(() => one.call(x, y))
      other.loadStateDict(one.stateDict())
      const values = [one, other].map((loss) => noGrad(() => loss.call(x, y).item()))
      expect(values[0]).toBe(values[1])
      one.dispose()
      other.dispose()
    })
  })

  it('move to another dtype with the loss', () => {
    scope(() => {
      const loss = createLoss({ name: 'arcface', regularizers: all }, shape).to({
        dtype: 'float64',
      })
      expect([...loss.stateDict().values()].map(({ dtype }) => dtype)).toEqual([
        'float64',
        'float64',
      ])
      expect(
        noGrad(() => loss.call(ops.ones([2, 4]), tensor([0, 1], [2], { dtype: 'int64' }))).dtype,
      ).toBe('float64')
      loss.dispose()
    })
  })

  it('with triplets: centres of its own work, those of the loss are missed', () => {
    const build = (name: string) => createLoss({ name: 'triplet', regularizers: [{ name }] }, shape)
    const given = {
      embeddings: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ],
      weight: [],
      labels: [0, 1],
    }
    // No triplet in this batch: what is left is lambda / 2 |x - 0|^2.
    expect(runLoss(build('center'), given).value).toBeCloseTo(0.0015, 9)
    for (const name of ['intra', 'inter'])
      expect(() => build(name)).toThrow(
        expect.objectContaining({
          code: 'TRAIN_LOSS',
          message: expect.stringMatching(`${name} works on class centres, and this loss has none`),
        }),
      )
  })

  it.each([
    [
      [{ name: 'itnra' }],
      /loss\.regularizers\.0.*no regularizer named "itnra"; did you mean intra\?/,
    ],
    [[{ name: 'intra', wieght: 1 }], /intra has no key wieght; did you mean weight\?/],
    [[{ name: 'center', alpha: 0 }], /loss\.regularizers\.0\.alpha/],
    [[{ name: 'center', alpha: 1.1 }], /loss\.regularizers\.0\.alpha/],
    [[{ name: 'inter', weight: 0 }], /loss\.regularizers\.0\.weight/],
    [[{ name: 'intra' }, { name: 'intra' }], /intra is there twice/],
  ])('refuses %o', (regularizers, message) => {
    const refusal = (code: string) =>
      expect.objectContaining({ code, message: expect.stringMatching(message) })
    expect(() => createLoss({ name: 'arcface', regularizers }, shape)).toThrow(
      refusal('TRAIN_LOSS'),
    )
    const config = {
      data: { roots: ['faces'] },
      model: { backbone: 'r18' },
      loss: { regularizers },
    }
    expect(() => checkConfig(config)).toThrow(refusal('TRAIN_CONFIG'))
  })

  it('has the published defaults', () => {
    const config = checkConfig({
      data: { roots: ['faces'] },
      model: { backbone: 'r18' },
      loss: { regularizers: all },
    })
    expect(config.loss.regularizers).toEqual([
      { name: 'center', weight: 0.003, alpha: 0.5 },
      { name: 'intra', weight: 1 },
      { name: 'inter', weight: 1 },
    ])
  })
})
