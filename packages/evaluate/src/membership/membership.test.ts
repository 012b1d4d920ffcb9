import { Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { membership } from './membership.js'
import { classSignals, genuineCosines } from './signals.js'

/** Scores about a mean, `each` of a person. */
function photos(random: Random, prefix: string, people: number, each: number, mean: number) {
  const names = Array.from({ length: people * each }, (_, i) => `${prefix}${Math.floor(i / each)}`)
  return { scores: Float64Array.from(names, () => mean + random.normal()), people: names }
}

describe('membership', () => {
  it('is chance where both kinds are of one distribution', () => {
    const random = new Random(1)
    const { auc, tpr } = membership(photos(random, 'a', 60, 8, 0), photos(random, 'b', 60, 8, 0))
    expect(auc.interval!.low).toBeLessThan(0.5)
    expect(auc.interval!.high).toBeGreaterThan(0.5)
    // Five standard errors of 480 and 480.
    expect(Math.abs(auc.value - 0.5)).toBeLessThan(5 * Math.sqrt(961 / (12 * 480 * 480)))
    expect(tpr[0]!.value).toBeLessThan(0.05)
  })

  it('is what two normal distributions give: AUC = Phi(d / sqrt 2)', () => {
    const random = new Random(2)
    const { auc, tpr, trained } = membership(
      photos(random, 'a', 500, 4, 1),
      photos(random, 'b', 500, 4, 0),
    )
    // Phi(0.7071) = 0.7602; TPR at FPR 1e-2 is 1 - Phi(2.3263 - 1) = 0.0924.
    expect(Math.abs(auc.value - 0.7602)).toBeLessThan(0.03)
    expect(Math.abs(tpr[0]!.value - 0.0924)).toBeLessThan(0.035)
    expect(tpr[0]!.reached).toBeLessThanOrEqual(0.01)
    expect(trained).toMatchObject({ photographs: 2000, people: 500 })
    expect(Math.abs(trained.mean - 1)).toBeLessThan(5 / Math.sqrt(2000))
  })

  it('draws people, with their photographs of both kinds', () => {
    // A person's photographs all score the same: an interval over photographs would be far too narrow.
    const random = new Random(3)
    const by = Array.from({ length: 30 }, () => random.normal())
    const kind = () => ({
      scores: Float64Array.from(
        { length: 600 },
        (_, i) => by[Math.floor(i / 20)]! + 0.01 * random.normal(),
      ),
      people: Array.from({ length: 600 }, (_, i) => `p${Math.floor(i / 20)}`),
    })
    const { interval, value } = membership(kind(), kind()).auc
    // The same people on both sides: whoever is drawn, the kinds stay alike.
    expect(Math.abs(value - 0.5)).toBeLessThan(0.02)
    expect(interval!.high - interval!.low).toBeLessThan(0.03)
    const strangers = membership(kind(), {
      scores: Float64Array.from({ length: 600 }, (_, i) => by[29 - Math.floor(i / 20)]!),
      people: Array.from({ length: 600 }, (_, i) => `q${Math.floor(i / 20)}`),
    }).auc
    expect(strangers.interval!.high - strangers.interval!.low).toBeGreaterThan(0.15)
  })

  it('says that others are too few for a rate, and has no interval of one person', () => {
    const one = (name: string, score: number) => ({
      scores: Float64Array.of(score),
      people: [name],
    })
    const { auc, tpr } = membership(one('a', 1), one('a', 0))
    expect(auc).toEqual({ value: 1, interval: null })
    expect(tpr.map(({ reached }) => reached)).toEqual([0, 0])
  })

  it.each([
    ['EVALUATE_PAIRS', []],
    ['EVALUATE_EMBEDDING', [Number.NaN]],
  ])('refuses with %s', (code, scores) => {
    const some = { scores: Float64Array.of(1), people: ['a'] }
    const bad = { scores: Float64Array.from(scores), people: scores.map(() => 'b') }
    expect(() => membership(some, bad)).toThrow(expect.objectContaining({ code }))
  })
})

describe('genuineCosines', () => {
  it('is the mean cosine with the other photographs of the person', () => {
    const random = new Random(4)
    const people = Int32Array.of(5, 7, 5, 5, 9, 7)
    const rows = [...people].map(() => {
      const x = [random.normal(), random.normal(), random.normal()]
      return x.map((value) => value / Math.hypot(...x))
    })
    const found = genuineCosines({ embeddings: Float32Array.from(rows.flat()), dim: 3, people })
    people.forEach((person, i) => {
      const others = rows.filter((_, j) => j !== i && people[j] === person)
      const cosines = others.map((b) => b.reduce((sum, value, k) => sum + value * rows[i]![k]!, 0))
      if (person === 9) expect(found[i]).toBeNaN()
      else expect(found[i]).toBeCloseTo(cosines.reduce((a, b) => a + b, 0) / cosines.length, 6)
    })
  })
})

describe('classSignals', () => {
  const scores = {
    classes: 3,
    cosines: Float32Array.of(0.5, 0.25, -1, 0, 0.75, 0.5),
    logits: Float32Array.of(4, 2, -8, 0, 6, 900),
  }
  it('takes the class of the label, or the best, and stays finite', () => {
    // p / (1 - p) of the softmax, in float64.
    const odds = (own: number, ...others: number[]) =>
      own - Math.log(others.reduce((sum, one) => sum + Math.exp(one), 0))
    const own = classSignals(scores, [1, 0])
    expect([...own.centre]).toEqual([0.25, 0])
    expect(own.certainty[0]).toBeCloseTo(odds(2, 4, -8), 6)
    expect(own.certainty[1]).toBeCloseTo(-900, 6)
    const best = classSignals(scores)
    expect([...best.centre]).toEqual([0.5, 0.75])
    expect(best.certainty[0]).toBeCloseTo(odds(4, 2, -8), 6)
    expect(best.certainty[1]).toBeCloseTo(odds(900, 0, 6), 3)
    const nobody = classSignals(scores, [-1, 2])
    expect(nobody.centre[0]).toBeNaN()
    expect(nobody.certainty[0]).toBeNaN()
  })
})
