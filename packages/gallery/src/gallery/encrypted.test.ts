import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testModel } from '../testing/model.js'
import { masterKey } from '../vault/master.js'
import { openGallery } from './gallery.js'

let room: string
beforeAll(() => {
  room = mkdtempSync(join(tmpdir(), 'gallery-encrypted-'))
})
afterAll(() => rmSync(room, { recursive: true }))

it('an encrypted gallery does what a plain one does', async () => {
  process.env.K = randomBytes(32).toString('base64')
  const key = await masterKey({ env: 'K' })
  const g = await openGallery(join(room, 'a'), { model: testModel(16), key })
  await g.enroll([
    {
      person: 'Ada',
      embedding: face(16, 1),
      groups: ['x'],
      source: 's',
      thumbnail: new Uint8Array([1, 2, 3]),
    },
    { person: 'Bob', embedding: face(16, 2), groups: ['y'] },
  ])
  expect((await g.people()).map(({ name, groups, faces }) => [name, groups, faces])).toEqual([
    ['Ada', ['x'], 1],
    ['Bob', ['y'], 1],
  ])
  expect((await g.identify(face(16, 1))).matches[0]).toMatchObject({ name: 'Ada', source: 's' })
  await g.describe('Ada', { groups: ['z'], metadata: { a: 1 } })
  const consent = { basis: 'law', at: new Date(5) }
  await g.describe('Ada', { consent, retainUntil: new Date(9) })
  await g.rename('Ada', 'Eve')
  expect(await g.person('Eve')).toMatchObject({ groups: ['z'], metadata: { a: 1 }, faces: 1 })
  expect((await g.people())[1]).toMatchObject({ consent, retainUntil: new Date(9) })
  expect(await g.count({ groups: ['z'] })).toEqual({ people: 1, faces: 1 })
  expect([...(await g.portrait('Eve'))!]).toEqual([1, 2, 3])
  await g.merge('Eve', 'Bob')
  expect((await g.faces('Bob')).length).toBe(2)
  await g.split([(await g.faces('Bob'))[0]!.id], 'Cy')
  await g.deleteFaces([(await g.faces('Cy'))[0]!.id])
  expect((await g.people()).map(({ name, faces }) => [name, faces])).toEqual([
    ['Bob', 1],
    ['Cy', 0],
  ])
  await g.delete(['Bob'])
  expect((await g.people()).map(({ name, faces }) => [name, faces])).toEqual([['Cy', 0]])
  await g.purge()
  await g.close()
})
