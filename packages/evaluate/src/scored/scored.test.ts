import { describe, expect, it } from 'vitest'
import { pairSample } from '../bootstrap/sample.js'
import { areaUnderRoc, tarAtFar } from '../roc/roc.js'
import { scoresOf } from '../roc/scores.js'
import { drawPeople, everyPairAbove } from '../testing/people.js'
import { impostorsAcross } from '../threshold/across.js'
import { impostorsOf, measureThresholds } from '../threshold/impostors.js'
import { thresholdForFar } from '../threshold/threshold.js'
import { pairsAcross } from './across.js'
import { expectedCost } from './cost.js'
import { ErrorCurve } from './curve.js'
import { ratesDifference } from './difference.js'
import { ratesAt } from './rates.js'
import {
  errorCurveOf,
  impostorsOfSet,
  intervalsFault,
  ratesOfSamples,
  samplesOf,
} from './samples.js'
import { parseScoredSet, type ScoredSet } from './schema.js'

/** Four people with two faces each, every pair but those of a face with itself. */
const FACES = 8
const person = Int32Array.from({ length: FACES }, (_, row) => row >> 1)
const [a, b]: [number[], number[]] = [[], []]
for (let i = 0; i < FACES; i++)
  for (let j = i + 1; j < FACES; j++) {
    a.push(i)
    b.push(j)
  }
// Half of the cosines are of two pairs.
const similarities = Float64Array.from(a, (i, p) =>
  i >> 1 === b[p]! >> 1 ? 0.5 - 0.1 * (i >> 1) : ((7 * p) % 13) / 20 - 0.2,
)
const same = Uint8Array.from(a, (i, p) => Number(i >> 1 === b[p]! >> 1))
const sample = pairSample(similarities, same, Int32Array.from(a), Int32Array.from(b), person)

/** By definition. */
const share = (label: number, threshold: number) => {
  const own = [...similarities].filter((_, p) => same[p] === label)
  return own.filter((cosine) => cosine > threshold).length / own.length
}

const set: ScoredSet = {
  scores: 1,
  model: { name: 'm', sha256: '0' },
  source: 'list.txt',
  of: 'list',
  flip: false,
  folds: null,
  images: [...person].map((one, row) => `${one}/${row}.jpg`),
  person: [...person],
  pairs: { first: a, second: b, same: [...same] as (0 | 1)[], cosine: [...similarities] },
  genuine: 4,
  impostors: 24,
  tail: null,
  pictures: {},
  warnings: [],
}

describe('a curve of errors', () => {
  const curve = ErrorCurve.of(sample)

  it('has at any threshold the shares that lie above it', () => {
    for (const threshold of [-1, -0.2, -0.1999, 0, 0.15, 0.2, 0.25, 0.4, 0.45, 0.5, 1]) {
      const { far, frr } = curve.at(threshold)
      expect(far).toBe(share(0, threshold))
      expect(frr).toBe(1 - share(1, threshold))
    }
  })

  it('finds the threshold of a FAR as tarAtFar does', () => {
    for (const far of [0.01, 0.05, 0.2, 0.5, 0.99]) {
      const { threshold, reachedFar } = tarAtFar(scoresOf(similarities, same), far)
      expect(curve.thresholdAtFar(far)).toBe(threshold)
      expect(curve.at(threshold).far).toBe(reachedFar)
    }
  })

  it('finds the cheapest threshold among all', () => {
    for (const prices of [
      { falseAccept: 100, falseReject: 1, genuine: 0.9 },
      { falseAccept: 1, falseReject: 1, genuine: 0.5 },
      { falseAccept: 0, falseReject: 5, genuine: 0.5 },
      { falseAccept: 5, falseReject: 0, genuine: 0.5 },
    ]) {
      const cost = (threshold: number) =>
        (1 - prices.genuine) * share(0, threshold) * prices.falseAccept +
        prices.genuine * (1 - share(1, threshold)) * prices.falseReject
      const least = Math.min(cost(Number.NEGATIVE_INFINITY), ...[...similarities].map(cost))
      const found = curve.cheapest(prices)
      expect(found.cost).toBeCloseTo(least, 12)
      expect(cost(found.threshold)).toBeCloseTo(least, 12)
    }
    const prices = { falseAccept: 3, falseReject: 2, genuine: 0.25 }
    expect(expectedCost({ far: 0.5, frr: 0.1 }, prices)).toEqual({
      ...{ accepts: 1.125, rejects: 0.05 },
      all: 1.175,
    })
    expect(() => curve.cheapest({ ...prices, genuine: 2 })).toThrow(/share/)
    expect(() => curve.cheapest({ ...prices, falseAccept: Number.NaN })).toThrow(/price/)
  })

  it('has the area of the couples that are in order', () => {
    expect(curve.area()).toBeCloseTo(areaUnderRoc(scoresOf(similarities, same)), 12)
  })

  it('draws its ends, and finds where both errors are equal', () => {
    const drawn = curve.drawn()
    expect(drawn[0]).toEqual({ far: 0, frr: 1, threshold: 0.5 })
    expect(drawn.at(-1)).toEqual({ far: 1, frr: 0, threshold: Number.NEGATIVE_INFINITY })
    const gaps = [...similarities].map((t) => Math.abs(share(0, t) - (1 - share(1, t))))
    const { threshold } = curve.equalError()
    expect(Math.abs(share(0, threshold) - (1 - share(1, threshold)))).toBe(Math.min(...gaps))
  })
})

describe('rates at a threshold', () => {
  it('are those that the threshold of a FAR is told with', () => {
    for (const far of [0.1, 0.3]) {
      const told = thresholdForFar(sample, far, { replicates: 200 })
      const rates = ratesAt(sample, told.threshold, { replicates: 200 })
      expect(rates.far).toEqual({ value: told.reachedFar, interval: told.reachedFarInterval })
      expect(rates.frr.value).toBe(1 - told.tar)
      expect(rates.frr.interval!.low).toBeLessThanOrEqual(rates.frr.value)
      expect(rates.frr.interval!.high).toBeGreaterThanOrEqual(rates.frr.value)
    }
    const { falseAccepts, impostors, falseRejects, genuine } = ratesAt(sample, 0.3)
    expect({ falseAccepts, impostors, falseRejects, genuine }).toEqual({
      falseAccepts: Math.round(24 * share(0, 0.3)),
      impostors: 24,
      falseRejects: 4 - Math.round(4 * share(1, 0.3)),
      genuine: 4,
    })
  })
})

describe('two models', () => {
  const other = { ...sample, similarities: similarities.map((cosine) => cosine / 2) }

  it('do not differ where one only halves the cosines, and threshold, of the other', () => {
    const none = { value: 0, interval: { low: 0, high: 0 } }
    expect(ratesDifference(sample, other, [0.2, 0.1])).toEqual({ far: none, frr: none })
  })

  it('differ by what their rates differ', () => {
    const [x, y] = [ratesAt(sample, 0.2), ratesAt(other, 0.2)]
    const { far, frr } = ratesDifference(sample, other, [0.2, 0.2])
    expect(far.value).toBeCloseTo(x.far.value - y.far.value, 12)
    expect(frr.value).toBeCloseTo(x.frr.value - y.frr.value, 12)
    expect(far.interval!.low).toBeLessThanOrEqual(far.value)
    expect(far.interval!.high).toBeGreaterThanOrEqual(far.value)
    const fewer = pairSample(
      similarities.slice(1),
      same.slice(1),
      Int32Array.from(a.slice(1)),
      Int32Array.from(b.slice(1)),
      person,
    )
    expect(() => ratesDifference(sample, fewer, [0, 0])).toThrow(/same pairs only/)
  })
})

describe('a set of scores', () => {
  it('comes back as it was written, with the thresholds of its list', () => {
    const back = parseScoredSet(JSON.stringify(set), 'x')
    expect(back).toEqual(set)
    const samples = samplesOf(back)
    expect(samples.all).toEqual(sample)
    expect(intervalsFault(samples)).toBeNull()
    expect(impostorsOfSet(back, samples)).toEqual(impostorsOf(sample))
  })

  it.each([
    ['{', /no JSON/],
    ['{"scores": 2}', /scores/],
    [JSON.stringify({ ...set, person: [0] }), /8 images with 1 people/],
    [JSON.stringify({ ...set, pairs: { ...set.pairs, first: [1] } }), /one length/],
    [JSON.stringify({ ...set, pairs: { ...set.pairs, first: a.map(() => 8) } }), /none of the 8/],
    [JSON.stringify({ ...set, pairs: { ...set.pairs, cosine: a.map(() => null) } }), /cosine/],
  ])('refuses %.20s', (text, why) => {
    expect(() => parseScoredSet(text, 'bad.json')).toThrow(why)
    expect(() => parseScoredSet(text, 'bad.json')).toThrow(/^bad\.json holds no scored pairs/)
  })

  it('says where its labels contradict each other', () => {
    const pairs = { ...set.pairs, same: set.pairs.same.map((label, p) => (p === 0 ? 0 : label)) }
    expect(intervalsFault(samplesOf({ ...set, pairs }))).toMatch(/^pair 1 is labelled two people/)
  })
})

describe('all pairs across people', () => {
  const drawn = drawPeople(12, 3, 32, 0.5)

  it('count by people and couples, as the thresholds do', async () => {
    const { rows, person } = drawn
    // Of the first person one face more than of the others is left.
    const some = person.map((one, row) => (row === 3 ? 0 : one))
    const scored = await pairsAcross(rows, 32, some, everyPairAbove)
    const of: ScoredSet = {
      ...{ ...set, of: 'people', person: [...some] },
      ...{ images: [...some].map(String), ...scored },
    }
    expect(scored.tail).toBeNull()
    expect(scored.pairs.cosine).toHaveLength((36 * 35) / 2)
    const samples = samplesOf(of)
    const own = impostorsOfSet(of, samples)
    const known = await impostorsAcross(rows, 32, some, everyPairAbove)
    expect(measureThresholds(own, 'x')).toEqual(measureThresholds(known, 'x'))
    // By definition: each couple counts the same.
    const shares = new Map<string, number[]>()
    for (let i = 0; i < 36; i++)
      for (let j = i + 1; j < 36; j++) {
        let product = 0
        for (let d = 0; d < 32; d++) product += rows[i * 32 + d]! * rows[j * 32 + d]!
        const key = `${some[i]} ${some[j]}`
        shares.set(key, [...(shares.get(key) ?? []), Number(product > 0.2)])
      }
    const mean = (of: number[]) => of.reduce((sum, one) => sum + one, 0) / of.length
    const couples = [...shares].filter(([key]) => new Set(key.split(' ')).size === 2)
    const { far } = errorCurveOf(samples).at(0.2)
    expect(far).toBeCloseTo(mean(couples.map(([, of]) => mean(of))), 10)
    const rates = ratesAt(samples.all, 0.2, { replicates: 100 })
    expect(rates.far.value).toBeCloseTo(far, 10)
  })

  it('keep a random part of very many, and the largest', async () => {
    const { rows, person } = drawPeople(220, 4, 8, 0.6)
    const scored = await pairsAcross(rows, 8, person, everyPairAbove)
    expect(scored.impostors).toBe((880 * 879) / 2 - 220 * 6)
    expect(scored.genuine).toBe(220 * 6)
    expect(scored.tail!.cosine).toHaveLength(20_000)
    const images = [...person].map(String)
    const of: ScoredSet = { ...set, of: 'people', person: [...person], images, ...scored }
    const samples = samplesOf(of)
    const impostors: number[] = []
    await everyPairAbove(rows, 8, -2, (i, j, cosine) => {
      // As precisely as they are kept.
      if (person[i] !== person[j]) impostors.push(Math.fround(cosine))
    })
    impostors.sort((x, y) => y - x)
    const curve = errorCurveOf(samples)
    // Everybody has as many faces, so that pairs count the same.
    for (const k of [10, 1000, 19_000])
      expect(curve.at(impostors[k]!).far).toBeCloseTo(k / impostors.length, 6)
    for (const k of [100_000, 300_000]) {
      const far = k / impostors.length
      expect(Math.abs(curve.at(impostors[k]!).far - far)).toBeLessThan(0.01)
    }
    expect(curve.far.every((far, i) => i === 0 || far >= curve.far[i - 1]!)).toBe(true)
    expect(curve.frr.every((frr, i) => i === 0 || frr <= curve.frr[i - 1]!)).toBe(true)
    const rates = ratesOfSamples(samples, impostors[1000]!, { replicates: 20 })
    expect(rates).toMatchObject({ falseAccepts: 1000, impostors: impostors.length })
    expect(rates.far.value).toBeCloseTo(1000 / impostors.length, 6)
    expect(rates.far.interval!.low).toBeLessThan(rates.far.value)
    expect(rates.far.interval!.high).toBeGreaterThan(rates.far.value)
  })
})
