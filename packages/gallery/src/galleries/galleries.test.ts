import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testModel } from '../testing/model.js'
import { type Galleries, openGalleries } from './galleries.js'

const DIM = 8
const model = testModel(DIM)
const room = mkdtempSync(join(tmpdir(), 'galleries-'))
afterAll(() => rmSync(room, { recursive: true }))

describe('galleries of a folder', () => {
  let count = 0
  let root: string
  let own: Galleries
  let others: Galleries
  beforeEach(async () => {
    root = join(room, String(++count), 'people')
    own = await openGalleries(root)
    others = await openGalleries(root)
  })
  afterEach(() => Promise.all([own.close(), others.close()]))

  it('are made, listed, shared and deleted, by two at once', async () => {
    const staff = await own.create('staff', model)
    await staff.enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    expect(await own.get('staff')).toBe(staff)
    expect(await (await others.get('staff')).people()).toMatchObject([{ name: 'Ada', faces: 1 }])
    await others.create('guests', model)
    expect(await own.list()).toEqual(['guests', 'staff'])
    await others.delete('staff')
    expect(await own.list()).toEqual(['guests'])
    await expect(own.get('staff')).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
    expect(readdirSync(root)).toEqual(['guests'])
  })

  it('one that was made anew under its name is another', async () => {
    await (await own.create('staff', model)).enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    await others.delete('staff')
    await others.create('staff', model)
    expect(await (await own.get('staff')).people()).toEqual([])
  })

  it('are not opened any more once they are being closed', async () => {
    await others.create('staff', model)
    const late = own.get('staff')
    await Promise.all([
      own.close(),
      expect(late).rejects.toMatchObject({
        code: 'GALLERY_USE',
        message: expect.stringContaining('already closed'),
      }),
    ])
  })

  it('are their owner’s alone', async () => {
    await own.create('staff', model)
    for (const folder of [root, join(root, 'staff')])
      expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it.each(['', '..', 'a/b', 'Staff', '-x', '.deleted', 'x'.repeat(64), 'a\0', 'ä'])(
    'have no name %j',
    async (name) => {
      for (const call of [own.get(name), own.create(name, model), own.delete(name)])
        await expect(call).rejects.toMatchObject({ code: 'GALLERY_NAME' })
      expect(readdirSync(root)).toEqual([])
    },
  )

  it('are not made twice, nor deleted where none is', async () => {
    await own.create('staff', model)
    await expect(others.create('staff', model)).rejects.toMatchObject({ code: 'GALLERY_EXISTS' })
    await expect(own.delete('guests')).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
    expect(existsSync(join(root, 'guests'))).toBe(false)
  })

  it('are made and deleted one after the other by one process, whatever is asked at once', async () => {
    const made = await Promise.allSettled([own.create('staff', model), own.create('staff', model)])
    expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((made[1] as PromiseRejectedResult).reason.code).toBe('GALLERY_EXISTS')
    const staff = await own.get('staff')
    await Promise.all([
      own.delete('staff'),
      expect(own.get('staff')).rejects.toMatchObject({ code: 'GALLERY_MISSING' }),
      own.create('staff', model),
    ])
    await expect(staff.people()).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
    expect(await (await own.get('staff')).people()).toEqual([])
  })

  it('one that others delete is not there for who holds it, whatever fails', async () => {
    await (await own.create('staff', model)).enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    const held = await others.get('staff')
    await own.delete('staff')
    for (const ask of [
      () => held.enroll([{ person: 'Ada', embedding: face(DIM, 2) }]),
      () => held.rename('Ada', 'Bob'),
      () => held.delete(['Ada']),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'GALLERY_MISSING' })
    expect(existsSync(join(root, 'staff'))).toBe(false)
  })

  it('do not tell where they lie of whom they do not know', async () => {
    const staff = await own.create('staff', model)
    for (const ask of [
      () => staff.person('Ada'),
      () => staff.face('1'),
      () => staff.rename('Ada', 'Bob'),
    ])
      await expect(ask()).rejects.toThrow(/^the gallery staff: /)
  })

  it('are used no more once closed', async () => {
    await own.close()
    await expect(own.get('staff')).rejects.toMatchObject({ code: 'GALLERY_USE' })
  })
})
