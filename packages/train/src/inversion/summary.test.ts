import { describe, expect, it } from 'vitest'
import { meanOver, rateOver, summaryOf } from './summary.js'

describe('a rate over people', () => {
  it('of none has the upper limit of Clopper and Pearson for none of so many', () => {
    const { value, interval } = rateOver(new Array(10).fill(0))
    expect(value).toBe(0)
    expect(interval!.low).toBe(0)
    expect(interval!.high).toBeCloseTo(1 - 0.025 ** (1 / 10), 6)
  })

  it('of all has the lower one', () => {
    const { interval } = rateOver(new Array(10).fill(1))
    expect(interval!.low).toBeCloseTo(0.025 ** (1 / 10), 6)
    expect(interval!.high).toBe(1)
  })

  it('of three in ten has limits no narrower than the exact ones', () => {
    const { value, interval } = rateOver([1, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    expect(value).toBeCloseTo(0.3, 12)
    // Clopper and Pearson's limits of 3 in 10, as any table has them.
    expect(interval!.low).toBeLessThanOrEqual(0.0668)
    expect(interval!.high).toBeGreaterThanOrEqual(0.6524)
  })

  it('of one person has none', () => {
    expect(rateOver([1])).toEqual({ value: 1, interval: null })
    expect(meanOver([0.25])).toEqual({ value: 0.25, interval: null })
  })
})

it('what a judge says becomes shares of each person, then a mean over people', () => {
  const people = [
    { others: [0.5, 0.1], same: 0.6, strangers: [0.3, 0, 0, 0] },
    { others: [0.4, 0.45, 0.6, 0.1], same: 0.2, strangers: [0, 0, 0, 0] },
  ]
  const { cosine, success, people: count } = summaryOf(people, [{ far: 0.01, threshold: 0.25 }])
  expect(count).toBe(2)
  expect(cosine.value).toBeCloseTo((0.3 + 0.3875) / 2, 12)
  const [point] = success
  expect(point!.others.value).toBeCloseTo((1 / 2 + 3 / 4) / 2, 12)
  expect(point!.same!.value).toBeCloseTo(1 / 2, 12)
  expect(point!.strangers).toBeCloseTo(1 / 8, 12)
})

it('of one person alone nothing is told by chance', () => {
  const judged = [{ others: [0.5], same: null, strangers: [] }]
  const { strangers, success } = summaryOf(judged, [{ far: 0.01, threshold: 0.4 }])
  expect([strangers, success[0]!.strangers]).toEqual([null, null])
})
