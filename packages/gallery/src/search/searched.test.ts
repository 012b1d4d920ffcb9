import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face, noisy } from '@arcface/testing'
import type { Searched } from '@arcface/vision'
import { afterAll, expect, it } from 'vitest'
import { openGallery } from '../gallery/gallery.js'
import { testModel } from '../testing/model.js'

const DIM = 64
const folder = mkdtempSync(join(tmpdir(), 'searched-'))
afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['on disk', 0],
  ['in memory', 100],
])('%s: a threshold is told how many people and faces are searched', async (_, exactFaces) => {
  const model = testModel(DIM)
  const gallery = await openGallery(join(folder, `${exactFaces}`), { model, exactFaces })
  // 20 people of two faces; every fourth is of the staff.
  await gallery.enroll(
    Array.from({ length: 40 }, (_, i) => ({
      person: `p${i % 20}`,
      embedding: noisy(face(DIM, i % 20), 0.9, 100 + i),
      groups: i % 4 === 0 ? ['staff'] : [],
    })),
  )
  const asked: Searched[] = []
  const threshold = (searched: Searched) => {
    asked.push(searched)
    return searched.faces > 20 ? 0.95 : 0.5
  }
  const probes = [face(DIM, 4), face(DIM, 8)]
  const all = { people: 20, faces: 40 }
  const staff = { people: 5, faces: 10 }
  const filter = { groups: ['staff'] }
  const everybody = await gallery.identifyMany(probes, { threshold })
  expect(everybody).toEqual(probes.map(() => ({ threshold: 0.95, searched: all, matches: [] })))
  const some = await gallery.identifyMany(probes, { threshold, filter })
  expect(some.map(({ matches }) => matches[0]?.name)).toEqual(['p4', 'p8'])
  expect(some[0]).toMatchObject({ threshold: 0.5, searched: staff })
  expect(asked).toEqual([all, staff])
  expect((await gallery.identify(probes[0]!)).searched).toEqual(all)
  await gallery.delete(['p4'])
  expect((await gallery.identify(probes[0]!, { filter })).searched).toEqual({ people: 4, faces: 8 })
  for (const wrong of [Number.NaN, 2])
    await expect(gallery.identify(probes[0]!, { threshold: () => wrong })).rejects.toMatchObject({
      code: 'GALLERY_USE',
    })
  await gallery.close()
})
