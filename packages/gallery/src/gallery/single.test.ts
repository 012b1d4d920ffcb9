import { face, noisy, similarity } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { holdsBytes } from '../testing/files.js'
import { beforeEachGallery } from '../testing/fresh.js'
import type { Gallery } from './gallery.js'

const DIM = 32

let here: string
let gallery: Gallery
beforeEachGallery(DIM, async (opened, folder) => {
  gallery = opened
  here = folder
  await gallery.enroll([
    { id: 'a1', person: 'Ada', embedding: face(DIM, 1), source: '1.jpg', groups: ['x'] },
    { id: 'a2', person: 'Ada', embedding: face(DIM, 2), source: '2.jpg' },
    { id: 'g1', person: 'Grace', embedding: face(DIM, 3), groups: ['y'] },
  ])
})
const ids = async (name: string) => (await gallery.faces(name)).map(({ id }) => id).sort()

describe('single faces', () => {
  it('go to another person, and are found as that one, in those groups', async () => {
    await gallery.identifyMany([face(DIM, 1), face(DIM, 2)]) // what is in memory must follow
    await gallery.moveFaces(['a2'], 'Grace')
    expect([await ids('Ada'), await ids('Grace')]).toEqual([['a1'], ['a2', 'g1']])
    for (const filter of [{}, { groups: ['y'] }])
      expect((await gallery.identify(face(DIM, 2), { filter })).matches[0]).toMatchObject({
        name: 'Grace',
        face: 'a2',
        similarity: expect.closeTo(1, 5),
      })
    const inX = await gallery.identify(face(DIM, 2), { filter: { groups: ['x'] } })
    expect(inX.matches).toMatchObject([{ name: 'Ada', face: 'a1' }])
    await gallery.addPeople([{ name: 'New' }])
    await gallery.moveFaces(['a1', 'a1'], 'New')
    expect(await ids('Ada')).toEqual([])
    expect(await ids('New')).toEqual(['a1'])
  })

  it('of which one is not there are not moved', async () => {
    const there = ['a1', 'nowhere']
    await expect(gallery.moveFaces(there, 'Grace')).rejects.toMatchObject({ code: 'GALLERY_FACE' })
    await expect(gallery.checkIds(there)).rejects.toMatchObject({ code: 'GALLERY_FACE' })
    await expect(gallery.moveFaces(['a1'], 'Eve')).rejects.toMatchObject({ code: 'GALLERY_PERSON' })
    expect(await ids('Ada')).toEqual(['a1', 'a2'])
  })

  it('are deleted, bytes and all, and the others stay', async () => {
    expect(await gallery.deleteFaces(['a2', 'nowhere'])).toBe(1)
    expect(await ids('Ada')).toEqual(['a1'])
    await gallery.purge()
    expect([1, 2].map((i) => holdsBytes(here, face(DIM, i)))).toEqual([true, false])
  })
})

describe('compare', () => {
  it('is the cosine with the most similar face of that person alone', async () => {
    const probe = noisy(face(DIM, 2), 0.6, 77)
    const cosines = [1, 2].map((seed) => similarity(probe, face(DIM, seed)))
    expect(await gallery.compare('Ada', probe)).toEqual({
      similarity: expect.closeTo(Math.max(...cosines), 5),
      ...{ face: 'a2', source: '2.jpg', faces: 2 },
    })
    const other = await gallery.compare('Grace', probe)
    expect(other.similarity).toBeCloseTo(similarity(probe, face(DIM, 3)), 5)
  })

  it('needs somebody with a face, and an embedding of the model', async () => {
    await gallery.addPeople([{ name: 'Nobody' }])
    for (const name of ['Nobody', 'Eve'])
      await expect(gallery.compare(name, face(DIM, 1))).rejects.toMatchObject({
        code: 'GALLERY_PERSON',
      })
    await expect(gallery.compare('Ada', face(8, 1))).rejects.toMatchObject({
      code: 'GALLERY_EMBEDDING',
    })
  })
})
