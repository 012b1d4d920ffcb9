import { scope } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { golden } from '../testing/goldens.js'
import {
  allFinite,
  awkwardCases,
  cosineOf,
  expectGradient,
  type LossCase,
  mean,
  rows,
  runLoss,
  scatteredCases,
} from '../testing/losses.js'
import { createLoss } from './index.js'
import { Triplet, type TripletOptions } from './triplet.js'

const shape = { classes: 5, dim: 4 }
const distances = ['angular', 'euclidean'] as const
const minings = ['semi-hard', 'hard', 'all'] as const

/** Every triplet looked at, from the definitions in the papers. */
const formula =
  ({ distance, mining, margin }: TripletOptions & { margin: number }) =>
  ({ embeddings, labels }: LossCase): number => {
    const d = (i: number, j: number) => {
      const cosine = cosineOf(embeddings[i]!, embeddings[j]!)
      return distance === 'angular' ? Math.acos(Math.min(cosine, 1)) : 2 - 2 * cosine
    }
    const all = embeddings.map((_, i) => i)
    const costs = all.flatMap((a) => {
      const positives = all.filter((p) => p !== a && labels[p] === labels[a])
      const negatives = all.filter((n) => labels[n] !== labels[a])
      if (negatives.length === 0 || positives.length === 0) return []
      const cost = (dp: number, dn: number) => Math.max(0, dp - dn + margin)
      const toNegatives = negatives.map((n) => d(a, n))
      if (mining === 'hard')
        return [cost(Math.max(...positives.map((p) => d(a, p))), Math.min(...toNegatives))]
      if (mining === 'semi-hard')
        return positives.map((p) => {
          const beyond = toNegatives.filter((dn) => dn > d(a, p))
          const dn = beyond.length > 0 ? Math.min(...beyond) : Math.max(...toNegatives)
          return cost(d(a, p), dn)
        })
      return positives
        .flatMap((p) => toNegatives.map((dn) => cost(d(a, p), dn)))
        .filter((one) => one > 0)
    })
    return costs.length === 0 ? 0 : mean(costs)
  }

describe.each(distances)('Triplet, %s', (distance) => {
  it.each(minings)('%s: the formula over every triplet, with its gradient', (mining) => {
    fc.assert(
      fc.property(
        scatteredCases({ count: 9, classes: 3 }),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        (given, margin) => {
          const options = { distance, mining, margin }
          const found = runLoss(new Triplet(options), given)
          expect(found.value).toBeCloseTo(formula(options)(given), 9)
          expectGradient(found, given, formula(options))
        },
      ),
      // Which negative is semi-hard changes in steps: where a step is nearer than the numeric derivative's, there is none.
      { numRuns: 30, seed: 1 },
    )
  })

  it.each(minings)('%s: a batch without a triplet has loss 0 and gradient 0', (mining) => {
    const ordinary = [1, 2, 3, 4, 2, -1, 0, 3, 0, 0, 1, 0]
    const extreme = [0, 0, 0, 0, 0, 0, 0, 0, 3e38, 3e38, 3e38, 3e38]
    for (const labels of ['111', '012'].map((each) => [...each].map(Number)))
      for (const embeddings of [ordinary, extreme].map((values) => rows(values, 4))) {
        const loss = new Triplet({ distance, mining, margin: null })
        const found = runLoss(loss, { embeddings, weight: [], labels }, { dtype: 'float32' })
        expect(found.value).toBe(0)
        expect(found.embeddingGradient.flat().every((one) => one === 0)).toBe(true)
      }
    const one = { embeddings: [[1, 2, 3, 4]], weight: [], labels: [0] }
    expect(runLoss(new Triplet({ distance, mining, margin: null }), one).value).toBe(0)
  })

  it.each(minings)('%s: is finite for every finite float32 input', (mining) => {
    fc.assert(
      fc.property(awkwardCases({ count: 6, classes: 2 }), (given) => {
        const loss = new Triplet({ distance, mining, margin: 3 })
        expect(allFinite(runLoss(loss, given, { dtype: 'float32' }))).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('takes the published margin unless told otherwise', () => {
    const published = distance === 'angular' ? 0.35 : 0.2
    // The positive is as far as the negative: the margin remains.
    const given = {
      embeddings: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      weight: [],
      labels: [0, 0, 1],
    }
    const built = createLoss({ name: 'triplet', distance, mining: 'hard' }, shape)
    expect(runLoss(built, given).value).toBeCloseTo(published, 12)
  })
})

describe('Triplet', () => {
  it('has no gradient in the direction of an embedding, and a bounded one where two are the same', () => {
    const x = [0.3, -0.5, 0.7, 0.2].map(Math.fround)
    const given = {
      embeddings: [x, x, [-0.6, 1, -1.4, -0.4].map(Math.fround), x.map((one) => 3 * one)],
      weight: [],
      labels: [0, 0, 1, 1],
    }
    for (const mining of minings) {
      const loss = new Triplet({ distance: 'angular', mining, margin: 3.5 })
      const found = runLoss(loss, given, { dtype: 'float32' })
      given.embeddings.forEach((one, i) => {
        const gradient = found.embeddingGradient[i]!
        const along = gradient.reduce((sum, g, j) => sum + g * one[j]!, 0)
        expect(Math.abs(along)).toBeLessThan(1e-3)
        expect(Math.hypot(...gradient) * Math.hypot(...one)).toBeLessThan(3)
      })
    }
  })

  it('grows its margin with the schedule, and has neither centres nor weights', () => {
    scope(() => {
      const loss = new Triplet({ distance: 'euclidean', mining: 'hard', margin: 0.8 })
      expect(loss.centres).toBeNull()
      expect(loss.stateDict().size).toBe(0)
      loss.schedule({ step: 0, marginShare: 0.25, scale: null })
      const given = {
        embeddings: [
          [1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
        ],
        weight: [],
        labels: [0, 0, 1],
      }
      expect(runLoss(loss, given).value).toBeCloseTo(0.2, 12)
    })
  })

  it.each([
    [{ mining: 'hardest' }, /loss\.mining/],
    [{ distance: 'cosine' }, /loss\.distance/],
    [{ margin: 0 }, /loss\.margin/],
    [{ scale: 64 }, /triplet has no key scale/],
  ])('refuses %o', (options, message) => {
    expect(() => createLoss({ name: 'triplet', ...options }, shape)).toThrow(
      expect.objectContaining({ code: 'TRAIN_LOSS', message: expect.stringMatching(message) }),
    )
  })
})

interface TripletGolden extends TripletOptions {
  embeddings: number[][]
  labels: number[]
  loss: number
  gradient: number[][]
}

describe("mining equals PyTorch's masks over all triplets at once", () => {
  const { cases } = golden<{ cases: TripletGolden[] }>('triplet')
  it.each(cases)('$distance, $mining', ({ embeddings, labels, loss, gradient, ...options }) => {
    const found = runLoss(new Triplet(options), { embeddings, labels, weight: [] })
    expect(found.value).toBeCloseTo(loss, 9)
    found.embeddingGradient.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(gradient.flat()[i]!, 8)
    })
  })
})
