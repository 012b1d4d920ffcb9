import { join } from 'node:path'
import { face } from '@arcface/testing'
import { type ObjectStore, startObjectStore } from '@arcface/testing/s3'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { connect } from '../store/tables.js'
import { holdsBytes } from '../testing/files.js'
import { testModel } from '../testing/model.js'
import { type Galleries, openGalleries } from './galleries.js'

const DIM = 8
const model = testModel(DIM)
const ada = { person: 'Ada', embedding: face(DIM, 1) }

let store: ObjectStore
let count = 0
let root: string
let own: Galleries
let others: Galleries
beforeAll(async () => {
  store = await startObjectStore()
})
afterAll(() => store.close())
beforeEach(async () => {
  root = `${store.bucket}/people-${++count}`
  own = await open()
  others = await open()
})
afterEach(() => Promise.all([own.close(), others.close()]))

const open = () => openGalleries(root, { storage: store.options })
const objects = () => join(store.folder, root.slice('s3://'.length))

it('are made, listed, shared and deleted with all bytes, by two servers', async () => {
  const staff = await own.create('staff', model)
  await staff.enroll([ada])
  expect(await own.get('staff')).toBe(staff)
  expect(await (await others.get('staff')).people()).toMatchObject([{ name: 'Ada', faces: 1 }])
  await others.create('guests', model)
  expect(await own.list()).toEqual(['guests', 'staff'])
  expect(holdsBytes(objects(), ada.embedding)).toBe(true)
  await others.delete('staff')
  expect(holdsBytes(objects(), ada.embedding)).toBe(false)
  expect(await own.list()).toEqual(['guests'])
  await expect(own.get('staff')).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
  await expect(own.delete('staff')).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
})

it('are made by one of those who make the same at the same moment', async () => {
  const third = await open()
  const made = await Promise.allSettled(
    [own, others, third].map((galleries) => galleries.create('staff', model)),
  )
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  for (const one of made)
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'GALLERY_EXISTS' })
  await Promise.all(
    [own, others, third].map(async (galleries) => (await galleries.get('staff')).enroll([ada])),
  )
  expect(await (await own.get('staff')).people()).toMatchObject([{ name: 'Ada', faces: 1 }])
  await third.close()
})

it('of which one was deleted and made anew is another, whoever still writes to the first', async () => {
  const first = await own.create('staff', model)
  await others.delete('staff')
  await (await others.create('staff', model)).enroll([ada])
  await expect(first.enroll([ada])).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
  const again = await open()
  expect(await (await again.get('staff')).people()).toMatchObject([{ name: 'Ada' }])
  await again.close()
})

it('leave nothing of those that a killed server was making or deleting, an hour later', async () => {
  await (await own.create('staff', model)).enroll([ada])
  const db = await connect(root, store.options)
  const table = await db.openTable('galleries')
  // As it stands when a server is killed before it has removed the objects; and one that is listed all the same.
  const [{ folder }] = (await table.query().where("name = 'staff'").toArray()) as [
    { folder: string },
  ]
  const since = Date.now() - 2 * 3_600_000
  await table.add([{ name: `.gone-${folder}`, folder, since }])
  await (await open()).close()
  expect(await (await own.get('staff')).people()).toMatchObject([{ name: 'Ada' }])
  await table.delete("name = 'staff'")
  await table.add([{ name: `.gone-${folder}`, folder, since }])
  expect(holdsBytes(objects(), ada.embedding)).toBe(true)
  await (await open()).close()
  expect(holdsBytes(objects(), ada.embedding)).toBe(false)
  expect(await table.countRows()).toBe(0)
  db.close()
})
