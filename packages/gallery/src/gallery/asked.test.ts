import { face, noisy } from '@arcface/testing'
import { cosine } from '@arcface/vision'
import { expect, it } from 'vitest'
import { beforeEachGallery } from '../testing/fresh.js'
import type { Gallery } from './gallery.js'

const DIM = 32

let gallery: Gallery
beforeEachGallery(DIM, (opened) => {
  gallery = opened
})

it('spells names as they are written, in whatever case they are asked for', async () => {
  const names = ['Ada', 'ÅSA', 'straße', 'Зоя', "O'Brien", '山田', '__proto__', 'ΣΑΣ']
  await gallery.addPeople(names.map((name) => ({ name })))
  for (const name of names)
    for (const asked of [name, name.toLowerCase(), ` ${name} `])
      expect(await gallery.spelling(asked)).toBe(name)
  for (const asked of ['ADA', 'зОЯ', 'åsa', 'A\u030asa'])
    expect(await gallery.spelling(asked)).toBeDefined()
  for (const nobody of ['Ad', 'Adam', "' OR 1=1 --", '%', ''])
    expect(await gallery.spelling(nobody)).toBeUndefined()
  // Two who differ in it: each is found by the own name, by another the first.
  await gallery.addPeople([{ name: 'ada' }])
  expect(await Promise.all(['ada', 'Ada', 'aDA'].map((one) => gallery.spelling(one)))).toEqual([
    'ada',
    'Ada',
    'Ada',
  ])
})

it('counts faces from a place on, in the order in which they came', async () => {
  const added = (i: number) => new Date(1e12 + 1000 * Math.floor(i / 3))
  const faces = Array.from({ length: 25 }, (_, i) => ({
    id: `f${String(i).padStart(2, '0')}`,
    person: `p${i % 4}`,
    embedding: face(DIM, i),
    added: added(i),
  }))
  for (let i = 0; i < faces.length; i += 10)
    await gallery.enroll(faces.slice(i, i + 10).toReversed())
  const ids = faces.map(({ id }) => id)
  expect((await gallery.facesFrom()).map(({ id }) => id)).toEqual(ids)
  for (const [offset, limit] of [
    [0, 7],
    [7, 7],
    [21, 7],
    [25, 7],
    [1000, 1],
  ] as const)
    expect((await gallery.facesFrom({ offset, limit })).map(({ id }) => id)).toEqual(
      ids.slice(offset, offset + limit),
    )
  const own = await gallery.facesFrom({ person: 'p2', offset: 2, limit: 3 })
  expect(own.map(({ id, person }) => [id, person])).toEqual(
    ['f10', 'f14', 'f18'].map((id) => [id, 'p2']),
  )
  await expect(gallery.facesFrom({ person: 'nobody' })).rejects.toMatchObject({
    code: 'GALLERY_PERSON',
  })
  for (const wrong of [{ offset: -1 }, { offset: 0.5 }, { limit: 0 }, { offset: Number.NaN }])
    await expect(gallery.facesFrom(wrong)).rejects.toMatchObject({ code: 'GALLERY_USE' })
})

it('finds the nearest faces, of one person several', async () => {
  const faces = Array.from({ length: 60 }, (_, i) => ({
    id: `f${i}`,
    person: `p${i % 7}`,
    embedding: noisy(face(DIM, i % 7), 0.7, 100 + i),
  }))
  await gallery.enroll(faces)
  const probes = [face(DIM, 3), noisy(face(DIM, 3), 0.6, 5), face(DIM, 50)]
  // The first call searches on disk, the second in memory.
  for (let call = 0; call < 2; call++)
    for (const top of [1, 2, 5, 100]) {
      const found = await gallery.nearest(probes, { top })
      for (const [i, probe] of probes.entries()) {
        const expected = faces
          .map(({ id, person, embedding }) => ({
            face: id,
            name: person,
            similarity: cosine(embedding, probe),
          }))
          .sort((a, b) => b.similarity - a.similarity)
          .slice(0, top)
        expect(found[i]!.matches.map(({ face: id, name }) => [id, name])).toEqual(
          expected.map(({ face: id, name }) => [id, name]),
        )
        found[i]!.matches.forEach(({ similarity }, k) => {
          expect(similarity).toBeCloseTo(expected[k]!.similarity, 5)
        })
      }
    }
  const [above] = await gallery.nearest([probes[0]!], { top: 100, threshold: 0.5 })
  expect(new Set(above!.matches.map(({ name }) => name))).toEqual(new Set(['p3']))
  expect(await gallery.nearest([])).toEqual([])
})

it('compares with one face', async () => {
  await gallery.enroll([{ id: 'x', person: 'a', embedding: face(DIM, 1) }])
  expect(await gallery.compareFace('x', noisy(face(DIM, 1), 0.4, 2))).toBeCloseTo(0.4, 5)
  await expect(gallery.compareFace("x' OR '1'='1", face(DIM, 1))).rejects.toMatchObject({
    code: 'GALLERY_FACE',
  })
  await expect(gallery.compareFace('x', face(DIM + 1, 1))).rejects.toMatchObject({
    code: 'GALLERY_EMBEDDING',
  })
})

it('tells of ids whose faces they are, in their order, and passes over others', async () => {
  const faces = ['b', 'a', 'c'].map((id, i) => ({
    id,
    person: `p${i % 2}`,
    embedding: face(DIM, i),
  }))
  await gallery.enroll(faces)
  const found = await gallery.facesOf(['c', 'x', 'b', 'c', "' OR 1=1 --"])
  expect(found.map(({ id, person }) => [id, person])).toEqual([
    ['c', 'p0'],
    ['b', 'p0'],
  ])
  expect(await gallery.facesOf([])).toEqual([])
})
