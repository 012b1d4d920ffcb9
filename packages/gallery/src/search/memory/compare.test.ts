import { Panels, Product } from '@arcface/recognize'
import { face, similarity } from '@arcface/testing'
import { HeldFaces, searchFaces } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const DIM = 8
// Two panels of bytes, and some more.
const COUNT = 140_000
const PEOPLE = 700

const faces = Array.from({ length: COUNT }, (_, i) => ({
  id: `f${i}`,
  person: `p${i % PEOPLE}`,
  source: null,
  embedding: face(DIM, i),
}))
const there = (i: number) => i % 11 !== 3
const ROW = 1e12

let product: Product
let panels: Panels
beforeAll(async () => {
  product = await Product.open()
  panels = (await Panels.open())!
})
afterAll(() => Promise.all([product.release(), panels?.release()]))

/** What was read. */
let stored: number[] = []

async function held(how: string): Promise<HeldFaces> {
  const all = new HeldFaces(DIM)
  for (const [i, { embedding, ...one }] of faces.entries()) {
    all.add(ROW + i, one, embedding)
    if (how !== 'float' && i === 100_000) await all.compress(panels, how === 'both', false)
  }
  for (let i = 0; i < COUNT; i++) if (!there(i)) all.remove(ROW + i)
  if (how !== 'float') await all.compress(panels, how === 'both', true)
  stored = []
  if (how === 'bytes')
    all.stored = async (rows) => {
      stored.push(...rows)
      return new Map(rows.map((row) => [row, faces[row - ROW]!]))
    }
  return all
}

// Where bytes are not multiplied exactly, faces are held in float alone.
describe.each(['float', 'both', 'bytes'])('faces held in %s', (how) => {
  let all: HeldFaces
  beforeAll(async () => {
    all = await held(panels === undefined ? 'float' : how)
  })
  afterAll(() => all.release())

  it.each([
    [1, -1, undefined],
    [7, -1, undefined],
    [PEOPLE + 5, 0.5, undefined],
    [3, 0.9, (person: string) => person.endsWith('7')],
  ])('give the best %i people from %f on', async (top, threshold, filter) => {
    const probes = Array.from({ length: 40 }, (_, i) => face(DIM, 1e6 + i))
    const allowed = filter && new Set(faces.map(({ person }) => person).filter(filter))
    const found = await searchFaces(product, all, probes, top, threshold, allowed)
    for (const [p, probe] of probes.entries()) {
      const best = new Map<string, number>()
      for (const [i, { person, embedding }] of faces.entries())
        if (there(i) && (filter === undefined || filter(person)))
          best.set(person, Math.max(best.get(person) ?? -2, similarity(probe, embedding)))
      const expected = [...best].sort((a, b) => b[1] - a[1]).slice(0, top)
      const above = expected.filter(([, cosine]) => cosine >= threshold)
      expect(found[p]!.length).toBe(above.length)
      for (const [k, { face: one, similarity: cosine }] of found[p]!.entries()) {
        expect(cosine).toBeCloseTo(above[k]![1], 5)
        expect(best.get(one.person)).toBeCloseTo(cosine, 5)
        const { embedding, ...rest } = faces[Number(one.id.slice(1))]!
        expect(similarity(probe, embedding)).toBeCloseTo(cosine, 5)
        expect(one).toMatchObject(rest)
      }
    }
  })

  it('count what is there and what is gone', () => {
    const gone = faces.filter((_, i) => !there(i)).length
    expect([all.size, all.waste]).toEqual([COUNT - gone, gone])
    expect(all.has(ROW + 3)).toBe(false)
    expect([all.at(3), all.personAt(3)]).toEqual([undefined, undefined])
    expect(new Set(all.rows())).toEqual(new Set(faces.flatMap((_, i) => (there(i) ? ROW + i : []))))
  })

  it('are taken over by others, as they are', async () => {
    const other = new HeldFaces(DIM)
    const first = { id: 'first', person: 'first', source: 'a' }
    other.add(1, first, face(DIM, 5e6))
    const mine = await held(panels === undefined ? 'float' : how)
    other.stored = mine.stored
    other.take(mine)
    const last = { id: 'last', person: 'last', source: 'b' }
    other.add(2, last, face(DIM, 6e6))
    expect(other.size).toBe(all.size + 2)
    const probes = [5e6, 6e6, 131, 65_000, COUNT - 1].map((seed) => face(DIM, seed))
    const found = await searchFaces(product, other, probes, 1, -1, undefined)
    expect(found.map(([one]) => one!.face.id)).toEqual([
      ...['first', 'last', 'f131', 'f65000', `f${COUNT - 1}`],
    ])
    other.remove(ROW + 131)
    const [[instead]] = (await searchFaces(
      product,
      other,
      [face(DIM, 131)],
      1,
      -1,
      undefined,
    )) as never as [[{ face: { id: string } }]]
    expect(instead.face.id).not.toBe('f131')
    if (how === 'bytes' && panels) expect(stored.length).toBeGreaterThan(0)
    other.release()
  })
})
