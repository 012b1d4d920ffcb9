import { describe, expect, it } from 'vitest'
import { drawPeople, everyPairAbove } from '../testing/people.js'
import { calibrationAcross } from './across.js'
import { supportOf, weigh } from './scores.js'

const DIM = 16

describe('calibrationAcross', () => {
  it('gives every pair once; people count the same, and couples, however many faces they have', async () => {
    const { rows, person } = drawPeople(20, 4, DIM, 0.5)
    person.fill(-1, 1, 3) // left out: person 0 has two faces
    const found = calibrationAcross(rows, DIM, person)
    const expected: [number, number, number][] = []
    await everyPairAbove(rows, DIM, -2, (i, j, cosine) => {
      const [a, b] = [person[i]!, person[j]!].sort((x, y) => x - y)
      if (a! >= 0) expected.push([a!, b!, cosine])
    })
    const given = Array.from(found.same, (_, p) => {
      const [a, b] = [found.first[p]!, found.second[p]!].sort((x, y) => x - y)
      return [a!, b!, found.similarities[p]!]
    })
    const order = (x: number[], y: number[]) => x[0]! - y[0]! || x[1]! - y[1]! || x[2]! - y[2]!
    expect(given.sort(order)).toEqual(expected.sort(order))
    const sums = new Map<string, number>()
    for (const [p, weight] of found.weights!.entries()) {
      const key = [found.first[p]!, found.second[p]!].sort((x, y) => x - y).join()
      sums.set(key, (sums.get(key) ?? 0) + weight)
    }
    expect(sums.size).toBe((20 * 19) / 2 + 20)
    for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 12)
  })

  it('draws of very many', () => {
    const { rows, person } = drawPeople(200, 8, DIM, 0.5)
    person.fill(0, 0, 400) // one person of 400 faces, and 150 of eight
    const found = calibrationAcross(rows, DIM, person)
    const genuine = found.same.reduce((sum, label) => sum + label, 0)
    expect(found.same.length - genuine).toBe(200_000)
    expect(genuine).toBe(Math.floor(200_000 / 151) + 150 * 28)
    const scores = weigh(found)
    expect(supportOf(scores)).toMatchObject({ people: 151, couples: (151 * 150) / 2 })
    // The person of 400 faces counts as any other.
    const own = scores.weight.reduce(
      (sum, w, p) => sum + (scores.same[p] === 1 && scores.first[p] === 0 ? w : 0),
      0,
    )
    expect(own).toBeCloseTo(1 / 151, 9)
    const again = calibrationAcross(rows, DIM, person)
    expect(
      Buffer.from(again.similarities.buffer).equals(Buffer.from(found.similarities.buffer)),
    ).toBe(true)
  })
})
