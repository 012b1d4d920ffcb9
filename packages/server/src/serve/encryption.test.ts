import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptGallery, openGallery } from '@arcface/gallery'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { noisePhoto, testServer } from '../testing/server.js'

describe('a server with a key', () => {
  let room: string
  let key: { file: string }
  beforeAll(() => {
    room = mkdtempSync(join(tmpdir(), 'server-encrypted-'))
    key = { file: join(room, 'key') }
    writeFileSync(key.file, randomBytes(32).toString('hex'))
  })
  afterAll(() => rmSync(room, { recursive: true }))

  it('makes encrypted galleries, works with plain ones beside them, and opens one anew that was encrypted', async () => {
    const galleries = join(room, 'galleries')
    const server = await testServer({ galleries, encryption: { key } })
    try {
      const api = connect({ url: server.url })
      const photo = new Blob([new Uint8Array(await noisePhoto(1))])
      const enrol = (gallery: string) => {
        const body = new FormData()
        body.append('photo', photo, 'a.png')
        const path = `/v1/galleries/${gallery}/people/Ada/faces?faces=largest`
        return fetch(`${server.url}${path}`, { method: 'POST', body })
      }
      const made = await api.POST('/v1/galleries', { body: { name: 'made' } })
      expect(made.response.status).toBe(201)
      expect((await enrol('made')).status).toBe(201)
      expect(existsSync(join(galleries, 'made/keys'))).toBe(true)
      const sealed = await openGallery(join(galleries, 'made'), { key })
      const { model } = sealed
      await sealed.close()
      const plain = join(galleries, 'plain')
      const gallery = await openGallery(plain, { model })
      await gallery.enroll([{ person: 'Bob', embedding: face(model.dim, 1) }])
      await gallery.close()
      const people = async () => {
        const params = { path: { gallery: 'plain' } }
        const { data } = await api.GET('/v1/galleries/{gallery}/people', { params })
        return data?.people.map(({ name }) => name)
      }
      expect(await people()).toEqual(['Bob'])
      await encryptGallery(plain, { key })
      expect(await people()).toEqual(['Bob'])
      expect((await enrol('plain')).status).toBe(201)
      expect(await people()).toEqual(['Ada', 'Bob'])
    } finally {
      await server.close()
    }
    const without = await testServer({ galleries })
    try {
      const answer = await fetch(`${without.url}/v1/galleries/made/people`)
      expect(answer.status).toBe(500)
      expect(await answer.json()).toMatchObject({ code: 'GALLERY_KEY' })
    } finally {
      await without.close()
    }
  })

  it('does not start without it', async () => {
    const missing = { encryption: { key: { file: join(room, 'none') } } }
    await expect(testServer(missing)).rejects.toMatchObject({ code: 'GALLERY_KEY' })
    const remote = { encryption: { key }, galleries: 's3://bucket/people' }
    await expect(testServer(remote)).rejects.toMatchObject({ code: 'GALLERY_USE' })
  })
})
