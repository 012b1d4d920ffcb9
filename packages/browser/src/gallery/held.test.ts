import { face, similarity } from '@arcface/testing'
import { HeldFaces, Random, searchFaces } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { HeldGallery } from './held.js'
import { plainProduct } from './product.js'
import type { StoredFace } from './records.js'

const DIM = 11

const stored = (row: number): StoredFace => ({
  ...{ id: `f${row}`, person: `p${row % 7}`, source: null, thumbnail: null, added: row },
  ...{ photo: null, print: null, origin: null },
})

describe('a gallery in memory', () => {
  it('holds what was added and not removed, finds it, and gives the memory of the rest back', () => {
    const held = new HeldGallery(DIM)
    const there = new Set<number>()
    const random = new Random(1)
    for (let row = 1; row <= 6000; row++) {
      held.addFace(row, { face: stored(row), embedding: face(DIM, row) })
      there.add(row)
      if (row < 4000 || !random.chance(0.9)) continue
      for (const gone of [...there].slice(0, 3)) {
        held.removeFace(gone)
        there.delete(gone)
      }
    }
    expect(new Set(held.faces.rows())).toEqual(there)
    expect(held.faces.waste).toBeLessThan(held.faces.size + 1025)
    for (const row of there) {
      expect(held.rowOf(`f${row}`)).toBe(row)
      expect(held.faces.embedding(row)).toEqual(face(DIM, row))
    }
    const ofPeople = [...Array(7).keys()].flatMap((i) => [...held.rowsOf(`p${i}`)])
    expect(new Set(ofPeople)).toEqual(there)
    expect(held.rowOf('f1')).toBeUndefined()
  })

  it('knows a person who was changed by the newer row', () => {
    const person = { id: 'a', name: 'Ada', groups: [], metadata: '{}', added: 0 }
    const held = new HeldGallery(DIM)
    held.addPerson(1, person)
    held.addPerson(2, { ...person, groups: ['new'] })
    held.removePerson(1)
    expect(held.person('Ada')).toMatchObject({ row: 2, person: { groups: ['new'] } })
    expect(held.people.get('a')).toMatchObject({ groups: ['new'] })
    held.removePerson(2)
    expect(held.person('Ada')).toBeUndefined()
  })
})

it('a product in plain TypeScript is the cosine of unit vectors, of any length and for any number of probes', async () => {
  for (const dim of [1, 4, 11, 128]) {
    const faces = new HeldFaces(dim)
    const all = Array.from({ length: 50 }, (_, i) => face(dim, i))
    for (const [i, one] of all.entries())
      faces.add(i, { id: `${i}`, person: `${i}`, source: null }, one)
    for (const count of [1, 5, 40]) {
      const probes = Array.from({ length: count }, (_, i) => face(dim, 100 + i))
      const found = await searchFaces(plainProduct, faces, probes, 50, -1.001, undefined)
      for (const [p, people] of found.entries()) {
        expect(people).toHaveLength(50)
        for (const { face, similarity: cosine } of people)
          expect(cosine).toBeCloseTo(similarity(all[Number(face.id)]!, probes[p]!), 6)
      }
    }
  }
})
