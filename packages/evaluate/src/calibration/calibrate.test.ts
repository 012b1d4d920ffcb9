import { calibrationSchema } from '@arcface/onnx'
import { logLikelihoodRatio, Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { bootstrap } from '../bootstrap/bootstrap.js'
import { calibrate } from './calibrate.js'
import { cllrOf, softplus } from './cllr.js'
import { measureCalibration } from './figures.js'
import { Reliability } from './reliability.js'
import { type CalibrationSample, supportOf, weigh } from './scores.js'

/** Normal cosines of a known mean and spread. */
interface Truth {
  readonly genuine: readonly [mean: number, deviation: number]
  readonly impostor: readonly [mean: number, deviation: number]
}
const WIDE: Truth = { genuine: [0.5, 0.15], impostor: [0.02, 0.1] }
const SAME: Truth = { genuine: [0.4, 0.1], impostor: [0, 0.1] }

const logDensity = (x: number, [mean, deviation]: readonly [number, number]) =>
  -Math.log(deviation) - ((x - mean) / deviation) ** 2 / 2
const trueLlr = (x: number, { genuine, impostor }: Truth) =>
  logDensity(x, genuine) - logDensity(x, impostor)

/** Cllr of the true ratios, by sums over the two densities. */
function trueCllr(truth: Truth): number {
  const step = 1e-4
  let sum = 0
  for (let x = -1.5; x < 2; x += step) {
    const llr = trueLlr(x, truth)
    const share = (kind: 'genuine' | 'impostor') =>
      (Math.exp(logDensity(x, truth[kind])) * step) / Math.sqrt(2 * Math.PI)
    sum += share('genuine') * softplus(-llr) + share('impostor') * softplus(llr)
  }
  return sum / 2 / Math.LN2
}

/**
 * Scored pairs of people who are not all alike: `shared` of the variance of a genuine pair is the person's, so that the
 * pairs of one are not independent, while any pair for itself is as the truth says.
 */
function draw(
  truth: Truth,
  { people = 100, genuine = 10, impostors = 1000, shared = 0.3, seed = 1 } = {},
): CalibrationSample {
  const random = new Random(seed)
  const own = Float64Array.from({ length: people }, () => random.normal())
  const [similarities, same, first, second]: number[][] = [[], [], [], []]
  for (let person = 0; person < people; person++)
    for (let k = 0; k < genuine; k++) {
      const [mean, deviation] = truth.genuine
      const noise = Math.sqrt(shared) * own[person]! + Math.sqrt(1 - shared) * random.normal()
      similarities!.push(mean + deviation * noise)
      same!.push(1)
      first!.push(person)
      second!.push(person)
    }
  for (let k = 0; k < impostors; k++) {
    const [mean, deviation] = truth.impostor
    const a = random.below(people)
    similarities!.push(mean + deviation * random.normal())
    same!.push(0)
    first!.push(a)
    second!.push((a + 1 + random.below(people - 1)) % people)
  }
  return {
    similarities: Float64Array.from(similarities!),
    same: Uint8Array.from(same!),
    first: Int32Array.from(first!),
    second: Int32Array.from(second!),
    identities: people,
  }
}

const named = { source: 'a set', images: 500, replicates: 50 }

describe('calibrate', () => {
  it.each([
    ['one variance', SAME],
    ['two', WIDE],
  ])('finds the ratios of normal scores of %s, which are known', (_, truth) => {
    const sample = draw(truth, { people: 400, genuine: 10, impostors: 20_000 })
    const { calibration, tried, cllrInterval } = calibrate(sample, named)
    expect(calibration.method).toBe('logistic')
    const { points, measured } = calibration
    const [from, to] = [points[0]![0], points.at(-1)![0]]
    let off = 0
    for (let x = from; x < to; x += 0.005)
      off = Math.max(off, Math.abs(logLikelihoodRatio(points, x) - trueLlr(x, truth)))
    // In logarithms, where the ratios claimed span a factor of e^10 or more.
    expect(points.at(-1)![1] - points[0]![1]).toBeGreaterThan(10)
    expect(off).toBeLessThan(0.5)
    expect(Math.abs(measured.cllr - trueCllr(truth))).toBeLessThan(0.02)
    expect(cllrInterval.low).toBeLessThan(trueCllr(truth))
    expect(cllrInterval.high).toBeGreaterThan(trueCllr(truth))
    expect(tried.isotonic).toBeGreaterThan(tried.logistic)
    expect(measured.minCllr).toBeLessThan(measured.cllr)
    expect(() => calibrationSchema.parse(calibration)).not.toThrow()
  })

  it('is right for people whom it never saw, at the prior it is told', () => {
    const { calibration } = calibrate(draw(WIDE, { people: 400, impostors: 10_000 }), {
      ...named,
      prior: 0.1,
    })
    expect(calibration.prior).toBe(0.1)
    const others = weigh(draw(WIDE, { people: 2000, impostors: 50_000, seed: 2 }))
    const llr = others.cosine.map((x) => logLikelihoodRatio(calibration.points, x))
    for (const prior of [0.1, 0.5]) {
      const bins = new Reliability(others, llr, prior).bins(new Map(), supportOf(others))
      expect(bins.length).toBeGreaterThan(5)
      for (const { told, genuine } of bins) expect(Math.abs(told - genuine)).toBeLessThan(0.06)
    }
    const figures = measureCalibration(calibration, draw(WIDE, { people: 300, seed: 3 }), named)
    expect(figures.cllrInterval.low).toBeLessThan(trueCllr(WIDE))
    expect(figures.cllrInterval.high).toBeGreaterThan(trueCllr(WIDE))
    expect(figures.calibrationLoss).toBeCloseTo(figures.cllr - figures.minCllr, 12)
    // What more calibration could gain.
    expect(cllrOf(llr, others) - trueCllr(WIDE)).toBeLessThan(0.01)
  })

  it('takes the isotonic fit where the ratio is no parabola', () => {
    // Genuine pairs of two kinds, far apart.
    const sample = draw(
      { genuine: [0.75, 0.02], impostor: [0, 0.1] },
      { people: 200, impostors: 9000, shared: 0 },
    )
    const similarities = sample.similarities.map((x, p) =>
      sample.same[p] === 1 && p % 2 === 0 ? x - 0.5 : x,
    )
    const { calibration, tried } = calibrate({ ...sample, similarities }, named)
    expect(tried.isotonic).toBeLessThan(tried.logistic)
    expect(calibration.method).toBe('isotonic')
    expect(calibration.measured.cllr).toBe(tried.isotonic)
  })

  it('claims no more than the pairs bear out, also where a cosine parts them all', () => {
    const sample = draw(
      { genuine: [0.8, 0.01], impostor: [0, 0.01] },
      { people: 50, impostors: 300 },
    )
    const { calibration, likelihoodRatios } = calibrate(sample, named)
    const { couples } = supportOf(weigh(sample))
    expect(likelihoodRatios.high).toBeLessThanOrEqual(couples * 1.001)
    expect(likelihoodRatios.low).toBeGreaterThanOrEqual(0.999 / 50)
    expect(likelihoodRatios.high).toBeGreaterThan(10)
    expect(calibration.measured).toMatchObject({ people: 50, genuine: 500, impostors: 300 })
    expect(calibration.measured.minCllr).toBe(0)
  })

  it('says the same of the same pairs in any order', () => {
    const sample = draw(WIDE)
    const order = new Random(3).permutation(sample.same.length)
    const mixed = {
      similarities: Float64Array.from(order, (p) => sample.similarities[p]!),
      same: Uint8Array.from(order, (p) => sample.same[p]!),
      first: Int32Array.from(order, (p) => sample.first[p]!),
      second: Int32Array.from(order, (p) => sample.second[p]!),
      identities: sample.identities,
    }
    const [one, other] = [sample, mixed].map((of) => calibrate(of, named))
    expect(other!.calibration.measured.cllr).toBeCloseTo(one!.calibration.measured.cllr, 9)
    expect(other!.calibration.points.length).toBe(one!.calibration.points.length)
  })
})

describe('intervals', () => {
  it('of the Cllr cover what is true for 19 of 20 sets of people, about', () => {
    const truth = trueCllr(WIDE)
    let covered = 0
    for (let seed = 0; seed < 40; seed++) {
      const sample = draw(WIDE, { people: 150, genuine: 5, impostors: 1500, seed })
      const { cllrInterval } = calibrate(sample, { ...named, replicates: 200 })
      if (cllrInterval.low <= truth && truth <= cllrInterval.high) covered++
    }
    // 38 are expected; of 95 in 100, fewer than 34 come up once in 500 times.
    expect(covered).toBeGreaterThanOrEqual(34)
  })

  it('of the shares of genuine pairs cover them', () => {
    let [covered, all] = [0, 0]
    for (let seed = 0; seed < 60; seed++) {
      const scores = weigh(draw(WIDE, { people: 60, genuine: 8, impostors: 600, seed }))
      const llr = scores.cosine.map((x) => trueLlr(x, WIDE))
      const reliability = new Reliability(scores, llr, 0.5)
      const wide = reliability.wide()
      const found = bootstrap(
        60,
        (draws) => {
          const weight = scores.weight.map(
            (w, p) =>
              w * draws[scores.first[p]!]! * (scores.same[p] === 1 ? 1 : draws[scores.second[p]!]!),
          )
          const shares = reliability.shares(weight)
          return wide.map((bin) => shares[bin]!)
        },
        { replicates: 200 },
      )
      const bins = reliability.bins(
        new Map(wide.map((bin, i) => [bin, found[i]!])),
        supportOf(scores),
      )
      for (const { from, to, interval } of bins) {
        if (interval === null) continue
        const share = trueShare(from, to)
        all++
        if (interval.low <= share && share <= interval.high) covered++
      }
    }
    expect(all).toBeGreaterThan(200)
    expect(covered / all).toBeGreaterThan(0.92)
  })
})

/** Of the pairs whose true probability at prior 0.5 lies between the two, how many are genuine. */
function trueShare(from: number, to: number): number {
  const step = 1e-3
  let [genuine, impostor] = [0, 0]
  for (let x = -1.5; x < 2; x += step) {
    const probability = 1 / (1 + Math.exp(-trueLlr(x, WIDE)))
    if (probability < from || probability >= to) continue
    genuine += Math.exp(logDensity(x, WIDE.genuine))
    impostor += Math.exp(logDensity(x, WIDE.impostor))
  }
  return genuine / (genuine + impostor)
}

describe('what is no calibration', () => {
  const good = draw(WIDE, { people: 50 })
  const calibration = expect.objectContaining({ code: 'EVALUATE_CALIBRATION' })
  const refused = (sample: CalibrationSample, prior?: number) => () =>
    calibrate(sample, { ...named, prior })

  it.each([0, 1, -0.1, 7, Number.NaN])('a prior of %d', (prior) => {
    expect(refused(good, prior)).toThrow(expect.objectContaining({ code: 'EVALUATE_OPTION' }))
  })

  it.each([
    ['people', { people: 9, genuine: 20, impostors: 300 }, /10 people or more, not of 9/],
    ['genuine pairs', { people: 20, genuine: 1 }, /30 genuine pairs.* not 20 pairs and/],
    [
      'impostor pairs',
      { people: 50, impostors: 20 },
      /30 couples.* not 500 pairs and \d+ couples:.*rule of three/,
    ],
    ['impostor pairs at all', { people: 50, impostors: 0 }, /not 500 pairs and 0 couples/],
  ])('too few %s', (_, numbers, message) => {
    expect(refused(draw(WIDE, numbers))).toThrow(calibration)
    expect(refused(draw(WIDE, numbers))).toThrow(message)
  })

  it('many pairs of few couples', () => {
    const one = { ...good, first: good.first.map((a, p) => (good.same[p] === 1 ? a : 0)) }
    const second = good.second.map((b, p) => (good.same[p] === 1 ? b : 1 + (b % 7)))
    expect(refused({ ...one, second })).toThrow(/not 500 pairs and 7 couples/)
  })

  it('one cosine, genuine pairs that are less alike, and scores that tell nothing', () => {
    const flat = { ...good, similarities: new Float64Array(good.same.length).fill(0.5) }
    expect(refused(flat)).toThrow(/all pairs have one cosine, 0.5/)
    const turned = { ...good, similarities: good.similarities.map((x) => -x) }
    expect(refused(turned)).toThrow(/not more alike \(mean cosine -0\.\d+\) than/)
    const noise: Truth = { genuine: [0.001, 0.1], impostor: [0, 0.1] }
    const nothing = draw(noise, { people: 400, genuine: 3, impostors: 1200, shared: 0 })
    expect(refused(nothing)).toThrow(calibration)
  })

  it('a similarity that is no number, and lists of two lengths', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const similarities = good.similarities.slice()
      similarities[7] = wrong
      expect(refused({ ...good, similarities })).toThrow(
        expect.objectContaining({ code: 'EVALUATE_EMBEDDING' }),
      )
    }
    expect(refused({ ...good, same: good.same.slice(1) })).toThrow(
      expect.objectContaining({ code: 'EVALUATE_PAIRS' }),
    )
  })
})
