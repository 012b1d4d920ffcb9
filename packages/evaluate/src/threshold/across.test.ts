import { describe, expect, it } from 'vitest'
import { drawPeople, everyPairAbove } from '../testing/people.js'
import { impostorsAcross } from './across.js'
import { measureThresholds } from './impostors.js'

const DIM = 16

describe('impostorsAcross', () => {
  it('gives every pair of two people once, the most alike first', async () => {
    const { rows, person } = drawPeople(6, 3, DIM, 0.5)
    person[4] = -1 // left out
    const found = await impostorsAcross(rows, DIM, person, everyPairAbove)
    const expected: number[] = []
    await everyPairAbove(rows, DIM, -2, (i, j, cosine) => {
      if (i !== 4 && j !== 4 && person[i] !== person[j]) expected.push(Math.fround(cosine))
    })
    // 17 faces, five people of three and one of two.
    expect(found.pairs).toBe((17 * 16) / 2 - 5 * 3 - 1)
    expect(expected).toHaveLength(found.pairs)
    expect([...found.scores]).toEqual(expected.sort((a, b) => b - a))
    expect(found).toMatchObject({ people: 6 })
    expect(found.first.every((one, k) => one !== found.second[k])).toBe(true)
    expect(found).not.toHaveProperty('sample')
  })

  it('keeps the largest of very many, and a sample for the rest', async () => {
    const { rows, person } = drawPeople(370, 4, DIM, 0.5)
    const found = await impostorsAcross(rows, DIM, person, everyPairAbove)
    expect(found.pairs).toBe((1480 * 1479) / 2 - 370 * 6) // 1,092,240
    expect(found.scores.length).toBeGreaterThan(950_000)
    expect(found.scores.length).toBeLessThan(1_050_000)
    const all: number[] = []
    await everyPairAbove(rows, DIM, -2, (i, j, cosine) => {
      if (person[i] !== person[j]) all.push(cosine)
    })
    const scores = Float64Array.from(all).sort().reverse()
    const { cosine } = measureThresholds(
      { ...found, scores: found.scores.slice(0, 50_000) },
      'a set',
    )
    expect(cosine['1e-2']).toBeCloseTo(scores[10_922]!, 5)
    expect(cosine['1e-1']).toBeCloseTo(scores[109_224]!, 2) // of the sample
  })

  it('counts couples of people, not their photographs', async () => {
    const { rows, person } = drawPeople(30, 4, DIM, 0.5)
    // Person 0 has but one photograph.
    person.fill(-1, 1, 4)
    const found = await impostorsAcross(rows, DIM, person, everyPairAbove)
    const byCouple = new Map<string, number>()
    for (const [i, weight] of found.weights!.entries()) {
      const couple = [found.first[i]!, found.second[i]!].sort((a, b) => a - b).join()
      byCouple.set(couple, (byCouple.get(couple) ?? 0) + weight)
    }
    expect(byCouple.size).toBe((30 * 29) / 2)
    for (const share of byCouple.values()) expect(share).toBeCloseTo(1 / 435, 12)
    const { cosine } = measureThresholds(found, 'a set')
    const accepted = (threshold: number) =>
      found.weights!.reduce(
        (sum, weight, i) => sum + (found.scores[i]! > threshold ? weight : 0),
        0,
      )
    expect(accepted(cosine['1e-1']!)).toBeLessThanOrEqual(0.1)
    expect(accepted(cosine['1e-1']!)).toBeGreaterThan(0.099)
  })

  it('needs two people', async () => {
    const { rows, person } = drawPeople(1, 3, DIM, 0.5)
    await expect(impostorsAcross(rows, DIM, person, everyPairAbove)).rejects.toMatchObject({
      code: 'EVALUATE_IDENTITY',
    })
  })
})
