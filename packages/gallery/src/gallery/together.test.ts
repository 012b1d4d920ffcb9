import { face } from '@arcface/testing'
import { expect, it } from 'vitest'
import { beforeEachGallery } from '../testing/fresh.js'
import type { Gallery } from './gallery.js'
import { storeOf } from './reader.js'

const DIM = 16
let gallery: Gallery
beforeEachGallery(DIM, (opened) => {
  gallery = opened
})

const add = (person: string, seed: number, id?: string) =>
  gallery.add([{ person, embedding: face(DIM, seed), ...(id !== undefined && { id }) }])
const version = () => storeOf(gallery).read((tables) => tables.faces.version())

it('calls that do not wait for each other go into few commits, each with its own results', async () => {
  await add('before', 0)
  const before = await version()
  const numbers = Array.from({ length: 40 }, (_, i) => i)
  const results = await Promise.all(numbers.map((i) => add(`p${i % 10}`, i % 20)))
  expect((await version()) - before).toBeLessThanOrEqual(2)
  for (const i of numbers) {
    expect(results[i]).toMatchObject([{ added: i < 20, id: results[i % 20]![0]!.id }])
    expect(await gallery.face(results[i]![0]!.id)).toMatchObject({ person: `p${i % 10}` })
  }
  expect(await gallery.stats()).toMatchObject({ people: 11, faces: 21 })
})

it('one that is refused does not keep the others', async () => {
  const calls = [
    add('A', 1, 'x'),
    add('B', 2, 'y'),
    add('C', 3, 'y'),
    add('D', 4),
    add('E', 1, 'x'),
  ]
  const settled = await Promise.allSettled(calls)
  expect(settled.map(({ status }) => status)).toEqual([
    ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  ])
  expect((settled[2] as PromiseRejectedResult).reason.code).toBe('GALLERY_USE')
  expect((await gallery.people()).map(({ name, faces }) => [name, faces])).toEqual([
    ...[
      ['A', 1],
      ['B', 1],
      ['D', 1],
    ],
  ])
})

it('what is asked for between two of them comes between them', async () => {
  const results = await Promise.all([
    add('A', 1),
    add('A', 2),
    gallery.rename('A', 'B'),
    add('A', 3),
    gallery.delete(['B']),
    add('B', 4),
  ])
  expect(results.at(-1)).toMatchObject([{ added: true }])
  expect((await gallery.people()).map(({ name, faces }) => [name, faces])).toEqual([
    ...[
      ['A', 1],
      ['B', 1],
    ],
  ])
})

it('none is taken any more by one that is closed', async () => {
  const first = add('A', 1)
  const closed = gallery.close()
  await expect(add('B', 2)).rejects.toMatchObject({ code: 'GALLERY_USE' })
  await Promise.all([first, closed])
})
