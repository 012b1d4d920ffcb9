import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cmcIntervals, openSetIntervals } from '../identification/intervals.js'
import { areaUnderRoc, tarAtFar } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import { foldedAccuracy } from '../verification/folds.js'
import { identitiesFromPairs, numberNames } from '../verification/identities.js'
import { bootstrap, quantile } from './bootstrap.js'
import { pairIntervals } from './intervals.js'
import { type PairSample, pairSample } from './sample.js'
import { WeightedPairs } from './weighted.js'

const code = (name: string) => expect.objectContaining({ code: name })

describe('bootstrap', () => {
  it('gives the interval of a mean that the normal distribution predicts', () => {
    // 400 people, of whom 30 % score 1: standard error sqrt(0.3 x 0.7 / 400).
    const values = Float64Array.from({ length: 400 }, (_, i) => (i < 120 ? 1 : 0))
    const mean = (draws: Float64Array) => [
      draws.reduce((sum, n, i) => sum + n * values[i]!, 0) / values.length,
    ]
    const [interval] = bootstrap(values.length, mean, { replicates: 4000 })
    const half = 1.96 * Math.sqrt((0.3 * 0.7) / 400)
    expect(interval!.low).toBeCloseTo(0.3 - half, 2)
    expect(interval!.high).toBeCloseTo(0.3 + half, 2)
    expect(bootstrap(400, mean, { seed: 3 })).toEqual(bootstrap(400, mean, { seed: 3 }))
    expect(bootstrap(400, mean, { seed: 3 })).not.toEqual(bootstrap(400, mean, { seed: 4 }))
    const [narrow] = bootstrap(values.length, mean, { replicates: 4000, level: 0.5 })
    expect(narrow!.high - narrow!.low).toBeCloseTo((2 * half * 0.6745) / 1.96, 2)
  })

  it('draws as many people as there are', () => {
    bootstrap(7, (draws) => {
      expect(draws.reduce((sum, n) => sum + n)).toBe(7)
      return [0]
    })
  })

  it('leaves out draws without a figure, and refuses where most have none', () => {
    const some = bootstrap(10, (draws) => [draws[0] === 0 ? Number.NaN : 5])
    expect(some).toEqual([{ low: 5, high: 5 }])
    expect(() => bootstrap(10, () => [Number.NaN])).toThrow(code('EVALUATE_IDENTITY'))
  })

  it('refuses one person, one replicate and a level of 1', () => {
    expect(() => bootstrap(1, () => [0])).toThrow(code('EVALUATE_IDENTITY'))
    expect(() => bootstrap(5, () => [0], { replicates: 1 })).toThrow(code('EVALUATE_OPTION'))
    expect(() => bootstrap(5, () => [0], { level: 1 })).toThrow(code('EVALUATE_OPTION'))
  })

  it('takes quantiles as numpy does', () => {
    const values = Float64Array.of(1, 2, 4, 8)
    // numpy.quantile([1, 2, 4, 8], [0, 0.1, 0.5, 0.975, 1])
    const expected = [1, 1.3, 3, 7.7, 8]
    for (const [i, q] of [0, 0.1, 0.5, 0.975, 1].entries())
      expect(quantile(values, q)).toBeCloseTo(expected[i]!, 12)
    expect(quantile(Float64Array.of(-Infinity, -Infinity), 0.3)).toBe(-Infinity)
  })
})

const score = fc.integer({ min: -20, max: 20 }).map((v) => v / 20)
const PEOPLE = 5
/** Two folds, each with both kinds of pair. */
const sample = fc
  .array(fc.tuple(score, fc.nat(PEOPLE - 1), fc.nat(PEOPLE - 1)), { minLength: 4, maxLength: 16 })
  .map((pairs): PairSample & { folds: number } => {
    const half = pairs.length >> 1
    const both = pairs
      .slice(0, 2 * half)
      .map(
        ([s, x, y], p) =>
          [s, x, p % half === 0 ? x : p % half === 1 ? (x + 1) % PEOPLE : y] as const,
      )
    return {
      similarities: Float64Array.from(both, ([s]) => s),
      same: Uint8Array.from(both, ([, x, y]) => Number(x === y)),
      first: Int32Array.from(both, ([, x]) => x),
      second: Int32Array.from(both, ([, , y]) => y),
      identities: PEOPLE,
      folds: 2,
    }
  })

describe('figures of a draw', () => {
  it('are those of the pairs written out as often as they count', () => {
    const draws = fc.array(fc.nat(3), { minLength: PEOPLE, maxLength: PEOPLE })
    fc.assert(
      fc.property(sample, draws, (pairs, drawn) => {
        const { similarities, same, first, second } = pairs
        const weighted = new WeightedPairs(pairs)
        weighted.draw(Float64Array.from(drawn))
        const times = (p: number) =>
          same[p] === 1 ? drawn[first[p]!]! : drawn[first[p]!]! * drawn[second[p]!]!
        const written = [...same.keys()].flatMap((p) => new Array<number>(times(p)).fill(p))
        const labels = Uint8Array.from(written, (p) => same[p]!)
        const values = Float64Array.from(written, (p) => similarities[p]!)
        const fars = [0.5, 0.05, 0.2]
        if (!labels.includes(1) || !labels.includes(0)) {
          expect(weighted.auc()).toBeNaN()
          expect(weighted.atFars(fars)[0]!.tar).toBeNaN()
          return
        }
        const scores = scoresOf(values, labels)
        expect(weighted.auc()).toBeCloseTo(areaUnderRoc(scores), 12)
        for (const [i, point] of weighted.atFars(fars).entries()) {
          const expected = tarAtFar(scores, fars[i]!)
          expect(point).toEqual({ tar: expected.tar, threshold: expected.threshold })
          expect(weighted.farAt(point.threshold)).toBe(expected.reachedFar)
        }
      }),
    )
  })

  it('with everybody drawn once are those of the pairs, the accuracy too', () => {
    fc.assert(
      fc.property(sample, (pairs) => {
        const weighted = new WeightedPairs(pairs)
        weighted.draw(new Float64Array(PEOPLE).fill(1))
        const distances = Float64Array.from(pairs.similarities, (s) => 2 - 2 * s)
        const { accuracy } = foldedAccuracy(distances, pairs.same, pairs.folds)
        expect(weighted.accuracy(pairs.folds)).toBeCloseTo(accuracy, 12)
      }),
    )
  })

  it('have the accuracy of the definition, weights instead of counts', () => {
    const draws = fc.array(fc.nat(3), { minLength: PEOPLE, maxLength: PEOPLE })
    fc.assert(
      fc.property(sample, draws, (pairs, drawn) => {
        const { similarities, same, first, second, folds } = pairs
        const weighted = new WeightedPairs(pairs)
        weighted.draw(Float64Array.from(drawn))
        const weight = (p: number) => drawn[first[p]!]! * (same[p] === 1 ? 1 : drawn[second[p]!]!)
        const all = [...same.keys()]
        const right = (members: number[], t: number) =>
          members
            .filter((p) => 2 - 2 * similarities[p]! < t * 0.01 === (same[p] === 1))
            .reduce((sum, p) => sum + weight(p), 0)
        const accuracies: number[] = []
        for (let fold = 0; fold < folds; fold++) {
          const test = all.filter((p) => Math.floor((p * folds) / same.length) === fold)
          const train = all.filter((p) => !test.includes(p))
          const onTrain = Array.from({ length: 400 }, (_, t) => right(train, t))
          const best = onTrain.indexOf(Math.max(...onTrain))
          const total = test.reduce((sum, p) => sum + weight(p), 0)
          if (total > 0) accuracies.push(right(test, best) / total)
        }
        const expected = accuracies.reduce((sum, x) => sum + x, 0) / accuracies.length
        const found = weighted.accuracy(folds)
        if (accuracies.length === 0) expect(found).toBeNaN()
        else expect(found).toBeCloseTo(expected, 12)
      }),
    )
  })
})

describe('intervals', () => {
  /** 40 people of 4 images; the score of a pair is made up, so that figures are neither 0 nor 1. */
  const people = 40
  const couples = Array.from({ length: 4 * people }, (_, i) => i).flatMap((i) =>
    [1, 2, 7, 13].map((step) => [i, (i + step) % (4 * people)] as const),
  )
  const person = Int32Array.from({ length: 4 * people }, (_, i) => i >> 2)
  const a = Int32Array.from(couples, ([i]) => i)
  const b = Int32Array.from(couples, ([, j]) => j)
  const same = Uint8Array.from(couples, ([i, j]) => Number(person[i] === person[j]))
  const similarities = Float64Array.from(
    couples,
    ([i, j], p) =>
      Math.sin(1.7 * person[i]! + 0.3 * person[j]!) / 4 + Math.sin(9.1 * p) / 4 + same[p]! / 3,
  )
  const pairs = pairSample(similarities, same, a, b, person)

  it('hold the figures, and grow wider with the level', () => {
    const scores = scoresOf(similarities, same)
    const { auc, atFar, accuracy, identities } = pairIntervals(pairs, { folds: 4 })
    expect(identities).toBe(people)
    const distances = similarities.map((s) => 2 - 2 * s)
    const figures = [
      [auc, areaUnderRoc(scores)],
      [accuracy!, foldedAccuracy(distances, same, 4).accuracy],
      [atFar[0]!.tar, tarAtFar(scores, 0.1).tar],
      [atFar[0]!.threshold, tarAtFar(scores, 0.1).threshold],
    ] as const
    for (const [{ low, high }, figure] of figures) {
      expect(low).toBeLessThan(figure)
      expect(high).toBeGreaterThan(figure)
    }
    expect(atFar.map(({ far }) => far)).toEqual([0.1, 0.01, 0.001])
    const narrow = pairIntervals(pairs, { level: 0.5 })
    expect(narrow.accuracy).toBeUndefined()
    expect(narrow.auc.low).toBeGreaterThan(auc.low)
    expect(narrow.auc.high).toBeLessThan(auc.high)
  })

  it('of rank 1 are as wide as people, not probes, are many', () => {
    // 100 people of 9 probes each, all nine found or none: 60 % are.
    const [count, probes] = [100, 900]
    const result = {
      probes,
      gallery: 100,
      mates: {
        offsets: Int32Array.from({ length: probes + 1 }, (_, p) => p),
        rows: new Int32Array(probes),
        scores: Float32Array.from({ length: probes }, (_, p) => (p / 9 < 60 ? 0.9 : 0.1)),
      },
      otherScores: new Float32Array(probes).fill(0.5),
      otherRows: new Int32Array(probes),
      keep: 1,
      tail: new Float32Array(0),
      others: 99 * probes,
    }
    const probeOf = Int32Array.from({ length: probes }, (_, p) => Math.floor(p / 9))
    const [interval] = cmcIntervals(result, probeOf, { replicates: 4000 })
    const half = 1.96 * Math.sqrt((0.6 * 0.4) / count)
    expect(interval!.low).toBeCloseTo(0.6 - half, 1.7)
    expect(interval!.high).toBeCloseTo(0.6 + half, 1.7)
    expect(() => cmcIntervals(result, probeOf.subarray(1))).toThrow(code('EVALUATE_IDENTITY'))
  })

  it('of an open set are as wide as people, not probes, are many', () => {
    // 100 people of 5 probes with a mate, 60 % of them found; 50 of 5 without, whose best others are 0.00 to 0.49.
    const [count, strangers, each] = [100, 50, 5]
    const probes = (count + strangers) * each
    const mated = count * each
    const result = {
      probes,
      gallery: 100,
      mates: {
        offsets: Int32Array.from({ length: probes + 1 }, (_, p) => Math.min(p, mated)),
        rows: new Int32Array(mated),
        scores: Float32Array.from({ length: mated }, (_, p) => (p / each < 60 ? 0.9 : 0.1)),
      },
      otherScores: Float32Array.from({ length: probes }, (_, p) =>
        p < mated ? 0.05 : Math.floor((p - mated) / each) / 100,
      ),
      otherRows: new Int32Array(probes),
      keep: 1,
      tail: new Float32Array(0),
      others: 99 * probes,
    }
    const probeOf = Int32Array.from({ length: probes }, (_, p) => Math.floor(p / each))
    const { atFar, identities } = openSetIntervals(result, probeOf, { fars: [0.1, 0.5] })
    expect(identities).toBe(count + strangers)
    const half = 1.96 * Math.sqrt((0.6 * 0.4) / count)
    for (const { tar } of atFar) {
      expect(tar.low).toBeCloseTo(0.6 - half, 1.7)
      expect(tar.high).toBeCloseTo(0.6 + half, 1.7)
    }
    // The threshold at FPIR 0.5 is the median of the strangers' scores, 0.24; its error 0.5 / sqrt(50) of their range.
    const spread = 1.96 * 0.5 * (0.5 / Math.sqrt(strangers))
    expect(atFar[1]!.threshold.low).toBeCloseTo(0.24 - spread, 1.5)
    expect(atFar[1]!.threshold.high).toBeCloseTo(0.24 + spread, 1.5)
    const refusal = code('EVALUATE_IDENTITY')
    expect(() => openSetIntervals(result, probeOf.subarray(1), { fars: [0.1] })).toThrow(refusal)
  })

  it('refuses labels that the people contradict, lists of two lengths, one kind of pair', () => {
    const wrong = same.map((label, p) => (p === 6 ? 1 - label : label))
    expect(() => pairSample(similarities, wrong, a, b, person)).toThrow(
      expect.objectContaining({
        code: 'EVALUATE_IDENTITY',
        message: expect.stringMatching(/pair 7 /),
      }),
    )
    expect(() => pairSample(similarities, same, a.subarray(1), b, person)).toThrow(
      code('EVALUATE_PAIRS'),
    )
    expect(() => pairIntervals({ ...pairs, same: same.map(() => 1) })).toThrow(
      code('EVALUATE_PAIRS'),
    )
    expect(() => pairIntervals(pairs, { fars: [2] })).toThrow(code('EVALUATE_OPTION'))
  })

  it('number people by names and by genuine pairs', () => {
    expect([...numberNames(['b', 'a', 'b', 'c'])]).toEqual([0, 1, 0, 2])
    const found = identitiesFromPairs(
      6,
      Int32Array.of(0, 4, 2, 1),
      Int32Array.of(4, 5, 3, 2),
      Uint8Array.of(1, 1, 1, 0),
    )
    expect([...found]).toEqual([0, 1, 2, 2, 0, 0])
  })
})
