import { Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScoredPeople } from '../scored/samples.js'
import { discard, REFUSED } from './discard.js'

/** People of four images each: all genuine pairs, and impostor pairs of neighbours; poor images are alike nobody. */
function drawn(people: number, seed: number): { set: ScoredPeople; quality: Float64Array } {
  const random = new Random(seed)
  const person = Array.from({ length: 4 * people }, (_, i) => i >> 2)
  const quality = Float64Array.from(person, () => Math.round(10 * random.float()) / 10)
  const pairs: ScoredPeople['pairs'] = { first: [], second: [], same: [], cosine: [] }
  for (let i = 0; i < person.length; i++)
    for (let j = i + 1; j < Math.min(i + 12, person.length); j++) {
      const same = person[i] === person[j] ? 1 : 0
      const worse = Math.min(quality[i]!, quality[j]!)
      pairs.first.push(i)
      pairs.second.push(j)
      pairs.same.push(same)
      pairs.cosine.push(
        same === 1 ? 0.3 + 0.4 * worse + 0.3 * random.float() : 0.6 * random.float(),
      )
    }
  const impostors = pairs.same.filter((one) => one === 0).length
  return { set: { of: 'list', person, pairs, tail: null, impostors }, quality }
}

/** FNMR with a share refused, from the definition: the mean over every order of those that are alike, which many tries come near. */
function recomputed({ pairs }: ScoredPeople, quality: Float64Array, fmr: number, share: number) {
  const all = pairs.same.map((same, p) => ({
    same,
    cosine: pairs.cosine[p]!,
    worse: Math.min(quality[pairs.first[p]!]!, quality[pairs.second[p]!]!),
  }))
  const impostor = all.filter(({ same }) => same === 0).map(({ cosine }) => cosine)
  const allowed = [...impostor, Infinity].filter(
    (t) => impostor.filter((one) => one > t).length / impostor.length <= fmr,
  )
  const threshold = Math.min(...allowed)
  const genuine = all.filter(({ same }) => same === 1)
  const goal = share * genuine.length
  // A pair counts by what of it is left: all of those better than the marginal value, none of the worse, of the marginal ones a share.
  let [kept, wrong] = [0, 0]
  for (const { worse, cosine } of genuine) {
    const below = genuine.filter((one) => one.worse < worse).length
    const alike = genuine.filter((one) => one.worse === worse).length
    const left = 1 - Math.min(1, Math.max(0, (goal - below) / alike))
    kept += left
    if (cosine <= threshold) wrong += left
  }
  return wrong / kept
}

describe('error versus discard', () => {
  it('is what its definition says, ties and all', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(0.1, 0.02), (seed, fmr) => {
        const { set, quality } = drawn(8, seed)
        const [curve] = discard(set, 'q', quality, { fmrs: [fmr], replicates: 2 }).curves
        for (const share of [0, 0.07, 0.2, 0.5])
          expect(curve!.fnmr[REFUSED.indexOf(share)]!.value).toBeCloseTo(
            recomputed(set, quality, fmr, share),
            10,
          )
      }),
      { numRuns: 20 },
    )
  })

  it('falls by a figure that tells, to the best by the errors themselves, not by chance, and rises by its opposite', () => {
    const { set, quality } = drawn(60, 1)
    const { pairs } = set
    const curve = (of: Float64Array) =>
      discard(set, 'q', of, { fmrs: [0.05], replicates: 200 }).curves[0]!
    const told = curve(quality)
    expect(told.fall.interval!.low).toBeGreaterThan(0)
    expect(told.worth.value).toBeGreaterThan(0.4)
    expect(curve(quality.map((one) => -one)).fall.value).toBeLessThan(0)
    const same = curve(new Float64Array(quality.length))
    expect(same.fall.value).toBeCloseTo(0, 12)
    expect(same.worth.value).toBeCloseTo(0, 12)
    expect(same.area.value).toBeCloseTo(same.fnmr[0]!.value, 12)
    for (const { interval, value } of told.fnmr) {
      expect(interval!.low).toBeLessThanOrEqual(value)
      expect(interval!.high).toBeGreaterThanOrEqual(value)
    }
    expect(pairs.same).toHaveLength(pairs.cosine.length)
  })

  it('refuses first what is not known, and counts it', () => {
    const { set, quality } = drawn(20, 3)
    const some = quality.map((one, i) => (i < 8 ? Number.NaN : one))
    const low = quality.map((one, i) => (i < 8 ? -1 : one))
    const { unknown, curves } = discard(set, 'q', some, { replicates: 2 })
    expect(unknown).toBe(8)
    expect(curves).toEqual(discard(set, 'q', low, { replicates: 2 }).curves)
  })

  it('refuses other lengths and rates', () => {
    const { set, quality } = drawn(4, 1)
    const code = (name: string) => expect.objectContaining({ code: name })
    expect(() => discard(set, 'q', quality.subarray(1))).toThrow(code('EVALUATE_PAIRS'))
    expect(() => discard(set, 'q', quality, { fmrs: [1] })).toThrow(code('EVALUATE_OPTION'))
  })
})
