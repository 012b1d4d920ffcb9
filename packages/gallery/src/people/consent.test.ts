import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { storeOf } from '../gallery/reader.js'
import { beforeEachGallery } from '../testing/fresh.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from '../transfer/export.js'
import { importGallery } from '../transfer/import.js'

const DIM = 16

let here: string
let gallery: Gallery
beforeEachGallery(DIM, (opened, folder) => {
  gallery = opened
  here = folder
})

const consent = {
  basis: "the data subject's consent",
  at: new Date('2026-11-28T10:00:00Z'),
  evidence: 'form 12',
  expires: new Date('2028-11-28T10:00:00.001Z'),
}
const retainUntil = new Date('2027-12-31T00:00:00Z')

/** All that is known of somebody but their faces. */
const known = async (name: string, of = gallery) => {
  const { added: _, faces: _faces, ...person } = await of.person(name)
  return person
}

it('comes with new people and new faces, is replaced or taken away, and stays through everything else', async () => {
  await gallery.addPeople([{ name: 'Plain' }, { name: 'Ada', consent }])
  await gallery.enroll([
    { person: 'Grace', embedding: face(DIM, 1), consent, retainUntil },
    { person: 'Plain', embedding: face(DIM, 2), consent }, // who is there stays as is
  ])
  const plain = { name: 'Plain', groups: [], metadata: {} }
  expect(await known('Plain')).toEqual(plain)
  expect(await known('Ada')).toEqual({ ...plain, name: 'Ada', consent })
  await gallery.rename('Grace', 'G. Hopper')
  await gallery.describe('G. Hopper', { groups: ['navy'] })
  const grace = { ...plain, name: 'G. Hopper', groups: ['navy'], consent, retainUntil }
  expect(await known('G. Hopper')).toEqual(grace)
  const { matches } = await gallery.identify(face(DIM, 1))
  expect(Object.keys(matches[0]!)).not.toContain('consent') // who somebody is, not why they are kept
  const law = { basis: 'law', at: new Date(0) }
  await gallery.describe('G. Hopper', { consent: law })
  expect(await known('G. Hopper')).toEqual({ ...grace, consent: law })
  await gallery.change('G. Hopper', { retainUntil: null, consent: null, metadata: { n: 1 } })
  expect(await known('G. Hopper')).toEqual({
    ...plain,
    ...{ groups: ['navy'], metadata: { n: 1 } },
    name: 'G. Hopper',
  })
})

it('is given to people of a gallery that was made before there was such a thing', async () => {
  await gallery.addPeople([{ name: 'Ada' }])
  await storeOf(gallery).read(({ people }) => people.dropColumns(['consent', 'retain_until']))
  await gallery.close()
  gallery = await openGallery(join(here, 'gallery'), { model: testModel(DIM) })
  expect(await known('Ada')).toEqual({ name: 'Ada', groups: [], metadata: {} })
  await gallery.describe('Ada', { metadata: { n: 1 } })
  await gallery.describe('Ada', { retainUntil })
  await gallery.addPeople([{ name: 'Grace', consent }])
  expect(await known('Ada')).toMatchObject({ metadata: { n: 1 }, retainUntil })
  expect(await known('Grace')).toMatchObject({ consent })
  await gallery.close()
})

describe.each(['jsonl', 'parquet'])('an export to .%s', (ending) => {
  it('carries it', async () => {
    await gallery.addPeople([{ name: 'Plain' }, { name: 'Ada', consent }])
    await gallery.enroll([{ person: 'Grace', embedding: face(DIM, 1), consent, retainUntil }])
    await gallery.addPeople([{ name: 'Bob', retainUntil }])
    const file = join(here, `out.${ending}`)
    await exportGallery(gallery, file)
    const other = await openGallery(join(here, 'other'), { model: testModel(DIM) })
    expect(await importGallery(other, file)).toBe(1)
    expect(await other.people()).toEqual(await gallery.people())
    await other.close()
  })
})

it('of a file is looked at as that of a caller', async () => {
  await gallery.addPeople([{ name: 'Ada', consent }])
  const file = join(here, 'out.jsonl')
  await exportGallery(gallery, file)
  const text = readFileSync(file, 'utf8')
  for (const [right, wrong] of [
    ['2028-11-28T', '2020-11-28T'],
    ['2026-11-28T', '2026-99-28T'],
    ['"basis":"the', '"basis":"\u202ethe'],
    ['"basis":', '"ground":'],
  ] as const) {
    expect(text).toContain(right)
    writeFileSync(file, text.replace(right, wrong))
    await expect(importGallery(gallery, file)).rejects.toMatchObject({ code: 'GALLERY_FORMAT' })
  }
})
