import type { Calibration } from '@arcface/onnx'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparedProbability, logLikelihoodRatio, probabilityOf } from './probability.js'

const points: Calibration['points'] = [
  [0, -4],
  [0.2, -1],
  [0.25, 1],
  [0.5, 6],
]
const calibration: Calibration = {
  method: 'logistic',
  prior: 0.5,
  points,
  measured: {
    source: 'somebody',
    people: 100,
    images: 1000,
    genuine: 3000,
    impostors: 3000,
    cllr: 0.2,
    minCllr: 0.19,
  },
}
const use = expect.objectContaining({ code: 'VISION_USE' })

describe('logLikelihoodRatio', () => {
  it.each([
    [0, -4],
    [0.1, -2.5],
    [0.2, -1],
    [0.225, 0],
    [0.45, 5],
    [0.5, 6],
    // Beyond the points nothing is claimed.
    [-1, -4],
    [1, 6],
  ])('at %d is %d', (cosine, llr) => {
    expect(logLikelihoodRatio(points, cosine)).toBeCloseTo(llr, 12)
  })
})

describe('probabilityOf', () => {
  it('is what Bayes says', () => {
    // Of 1000 comparisons one is genuine; the cosine is e^5 times as likely of it as of each of the 999.
    const { probability, ...rest } = probabilityOf(calibration, 0.45, 0.001)
    expect(probability).toBeCloseTo(Math.exp(5) / (Math.exp(5) + 999), 12)
    expect(rest).toEqual({
      prior: 0.001,
      likelihoodRatio: expect.closeTo(Math.exp(5), 9),
      atBound: false,
    })
    expect(probabilityOf(calibration, 0.225)).toMatchObject({
      probability: expect.closeTo(0.5, 12),
      prior: 0.5,
    })
  })

  it('says where no more is claimed', () => {
    for (const cosine of [-0.3, 0, 0.5, 0.9])
      expect(probabilityOf(calibration, cosine).atBound).toBe(true)
    expect(probabilityOf(calibration, 0.9).probability).toBe(
      probabilityOf(calibration, 0.5).probability,
    )
  })

  it('of the best of several faces is as much lower as strangers have more chances', () => {
    const one = probabilityOf(calibration, 0.4)
    const best = probabilityOf(calibration, 0.4, undefined, 8)
    expect(best.likelihoodRatio).toBeCloseTo(one.likelihoodRatio / 8, 9)
    expect(best.probability).toBeCloseTo(
      one.likelihoodRatio / 8 / (1 + one.likelihoodRatio / 8),
      12,
    )
  })

  it('rises with the cosine and with the prior, within 0 and 1', () => {
    const steps = fc.array(
      fc.tuple(
        fc.double({ min: 1e-6, max: 0.1, noNaN: true }),
        fc.double({ min: 0, max: 9, noNaN: true }),
      ),
      { minLength: 1, maxLength: 9 },
    )
    const cosine = fc.double({ min: -1, max: 1, noNaN: true })
    const prior = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true })
    fc.assert(
      fc.property(steps, cosine, cosine, prior, prior, (steps, a, b, p, q) => {
        const points: [number, number][] = [[-0.4, -20]]
        for (const [x, y] of steps) {
          const [lastX, lastY] = points.at(-1)!
          points.push([lastX + x, lastY + y])
        }
        const at = (cosine: number, prior: number) =>
          probabilityOf({ points, prior: 0.5 }, cosine, prior).probability
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        expect(at(low, p)).toBeLessThanOrEqual(at(high, p) + 1e-12)
        expect(at(a, Math.min(p, q))).toBeLessThanOrEqual(at(a, Math.max(p, q)))
        expect(at(a, p)).toBeGreaterThanOrEqual(0)
        expect(at(a, p)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it.each([0, 1, -1, 2, Number.NaN])('refuses prior %d', (prior) => {
    expect(() => probabilityOf(calibration, 0.3, prior)).toThrow(use)
  })

  it('refuses a cosine that is none', () => {
    expect(() => probabilityOf(calibration, Number.NaN)).toThrow(use)
  })
})

describe('comparedProbability', () => {
  const known = { source: 'somebody', cosine: { '1e-3': 0.3 }, calibration }

  it('is that of the model, where it has one and the faces can be compared', () => {
    expect(comparedProbability(known, 0.4, [])).toEqual(probabilityOf(calibration, 0.4))
    expect(comparedProbability(known, 0.4, [], 3)).toEqual(
      probabilityOf(calibration, 0.4, undefined, 3),
    )
    expect(comparedProbability({ ...known, calibration: undefined }, 0.4, [])).toBeUndefined()
    expect(comparedProbability(undefined, 0.4, [])).toBeUndefined()
    expect(comparedProbability(known, 0.4, ['blurred'])).toBeUndefined()
  })
})
