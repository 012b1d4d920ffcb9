import { logLikelihoodRatio } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boundsOf } from './bounds.js'
import { cllrOf } from './cllr.js'
import { bounded, rounded } from './curve.js'
import { blocksOf, fitIsotonic, minCllrOf, pool } from './isotonic.js'
import { fitLogistic } from './logistic.js'
import { supportOf, take, type Weighed } from './scores.js'

/** Any scores of both kinds, with ties, each of its own people. */
const any = fc
  .array(
    fc.tuple(fc.integer({ min: -50, max: 50 }), fc.boolean(), fc.integer({ min: 1, max: 9 })),
    {
      minLength: 2,
      maxLength: 60,
    },
  )
  .filter((pairs) => pairs.some(([, same]) => same) && pairs.some(([, same]) => !same))
  .map((pairs): Weighed => {
    const all = {
      cosine: Float64Array.from(pairs, ([cosine]) => cosine / 100),
      same: Uint8Array.from(pairs, ([, same]) => Number(same)),
      weight: Float64Array.from(pairs, ([, , weight]) => weight),
      first: Int32Array.from(pairs.keys()),
      second: Int32Array.from(pairs.keys()),
      group: Int32Array.from(pairs.keys()),
      groups: pairs.length,
    }
    const order = Uint32Array.from(pairs.keys())
    return take(
      all,
      order.sort((p, q) => all.cosine[p]! - all.cosine[q]!),
    )
  })
/** Genuine pairs are more alike on average. */
const useful = any.filter((scores) => {
  const { genuine, impostor } = supportOf(scores)
  return genuine > impostor + 1e-6
})

const rises = (values: readonly number[]) =>
  values.every((value, i) => i === 0 || value >= values[i - 1]! - 1e-12)

describe('pooling adjacent violators', () => {
  it('gives ratios that rise, loses nothing, and changes nothing a second time', () => {
    fc.assert(
      fc.property(any, (scores) => {
        const blocks = pool(blocksOf(scores))
        expect(rises(blocks.map(({ genuine, impostor }) => genuine / (genuine + impostor)))).toBe(
          true,
        )
        for (const kind of ['genuine', 'impostor'] as const)
          expect(blocks.reduce((sum, block) => sum + block[kind], 0)).toBeCloseTo(1, 12)
        expect(pool(blocks)).toEqual(blocks)
      }),
    )
  })
})

describe('minCllr', () => {
  it('is not above the Cllr of any monotone function of the cosine, nor above 1', () => {
    const line = fc.tuple(
      fc.double({ min: -9, max: 9, noNaN: true }),
      fc.double({ min: 0, max: 60, noNaN: true }),
    )
    fc.assert(
      fc.property(any, line, (scores, [constant, slope]) => {
        const least = minCllrOf(scores)
        expect(least).toBeLessThanOrEqual(1 + 1e-12)
        const llr = scores.cosine.map((x) => constant + slope * x + x ** 3)
        expect(least).toBeLessThanOrEqual(cllrOf(llr, scores) + 1e-12)
      }),
    )
  })

  it('is the same whatever rising line the cosines are put through', () => {
    const line = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 1, max: 60 }))
    fc.assert(
      fc.property(any, line, (scores, [constant, slope]) => {
        const cosine = scores.cosine.map((x) => constant + slope * x)
        expect(minCllrOf({ ...scores, cosine })).toBeCloseTo(minCllrOf(scores), 12)
      }),
    )
  })
})

describe('curves', () => {
  it('never fall, are finite, and stay between bounds, also of pairs that a cosine parts', () => {
    const bound = fc.double({ min: 0.01, max: 9, noNaN: true })
    fc.assert(
      fc.property(useful, bound, bound, (scores, down, up) => {
        const support = supportOf(scores)
        for (const curve of [fitLogistic(scores, support, 0.5), fitIsotonic(scores, support)]) {
          expect(curve.every(([, llr]) => Number.isFinite(llr))).toBe(true)
          expect(rises(curve.map(([, llr]) => llr))).toBe(true)
          const short = bounded(curve, -down, up)
          for (let cosine = -0.6; cosine < 0.6 && short.length > 0; cosine += 0.01)
            expect(logLikelihoodRatio(short, cosine)).toBeCloseTo(
              Math.max(-down, Math.min(up, logLikelihoodRatio(curve, cosine))),
              9,
            )
          const stored = rounded(short)
          expect(stored.every(([x], i) => i === 0 || x > stored[i - 1]![0])).toBe(true)
          expect(rises(stored.map(([, llr]) => llr))).toBe(true)
        }
      }),
    )
  })
})

describe('bounds', () => {
  it('claim at most one over what a pair counts', () => {
    fc.assert(
      fc.property(useful, (scores) => {
        const { people, couples } = supportOf(scores)
        const llr = scores.cosine.map((x) => 1000 * x)
        const { low, high } = boundsOf(llr, scores, { people, couples })
        expect(high).toBeLessThanOrEqual(Math.log(couples) + 1e-9)
        expect(low).toBeGreaterThanOrEqual(-Math.log(people) - 1e-9)
      }),
    )
  })

  it('of pairs that are parted are their numbers', () => {
    const llr = Float64Array.from([-9, -9, -9, -9, 8, 8])
    const same = Uint8Array.from([0, 0, 0, 0, 1, 1])
    const weight = Float64Array.from([0.25, 0.25, 0.25, 0.25, 0.5, 0.5])
    const { low, high } = boundsOf(llr, { same, weight }, { people: 2, couples: 4 })
    expect(high).toBeCloseTo(Math.log(4), 12)
    expect(low).toBeCloseTo(-Math.log(2), 12)
  })
})
