import { Product } from '@arcface/recognize'
import { face, similarity } from '@arcface/testing'
import { HeldFaces, searchFaces } from '@arcface/vision'
import { afterAll, beforeAll, expect, it } from 'vitest'

const DIM = 8
const COUNT = 40_000
const PEOPLE = 700

let product: Product
const held = new HeldFaces(DIM)
const faces = Array.from({ length: COUNT }, (_, i) => ({
  id: `f${i}`,
  person: `p${i % PEOPLE}`,
  source: null,
  embedding: face(DIM, i),
}))
const there = (i: number) => i % 11 !== 3

beforeAll(async () => {
  product = await Product.open()
  for (const [i, { embedding, ...one }] of faces.entries()) held.add(1e12 + i, one, embedding)
  for (let i = 0; i < COUNT; i++) if (!there(i)) held.remove(1e12 + i)
})
afterAll(() => product.release())

it.each([
  [1, -1, undefined],
  [7, -1, undefined],
  [PEOPLE + 5, 0.5, undefined],
  [3, 0.9, (person: string) => person.endsWith('7')],
])('gives the best %i people from %f on', async (top, threshold, filter) => {
  const probes = Array.from({ length: 40 }, (_, i) => face(DIM, 1e6 + i))
  const allowed = filter && new Set(faces.map(({ person }) => person).filter(filter))
  const found = await searchFaces(product, held, probes, top, threshold, allowed)
  for (const [p, probe] of probes.entries()) {
    const best = new Map<string, number>()
    for (const [i, { person, embedding }] of faces.entries())
      if (there(i) && (filter === undefined || filter(person)))
        best.set(person, Math.max(best.get(person) ?? -2, similarity(probe, embedding)))
    const expected = [...best].sort((a, b) => b[1] - a[1]).slice(0, top)
    const above = expected.filter(([, cosine]) => cosine >= threshold)
    expect(found[p]!.length).toBe(above.length)
    for (const [k, { person, slot, similarity: cosine }] of found[p]!.entries()) {
      expect(cosine).toBeCloseTo(above[k]![1], 5)
      expect(best.get(person)).toBeCloseTo(cosine, 5)
      expect(held.at(slot)).toMatchObject({ id: `f${slot}`, person })
    }
  }
})

it('counts what is there and what is gone', () => {
  const gone = faces.filter((_, i) => !there(i)).length
  expect([held.size, held.waste]).toEqual([COUNT - gone, gone])
  expect(held.has(1e12 + 3)).toBe(false)
  expect(held.at(3)).toBeUndefined()
})
