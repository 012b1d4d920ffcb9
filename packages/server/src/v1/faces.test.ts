import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connect } from '../client/client.js'
import { blankPhoto } from '../testing/blank.js'
import { hasShared, sharedPhoto, type TestServer, testServer } from '../testing/server.js'

const gallery = 'people'
const PEOPLE = [0, 1, 2, 3]

describe.skipIf(!hasShared)('people of ../shared', () => {
  let server: TestServer
  let client: ReturnType<typeof connect>
  beforeAll(async () => {
    server = await testServer({ thumbnails: false }, 'shared')
    client = connect({ url: server.url })
    await client.POST('/v1/galleries', { body: { name: gallery } })
    for (const person of PEOPLE) {
      const { data } = await enroll(`p${person}`, [await photo(person, 0), await photo(person, 1)])
      expect(data?.faces).toMatchObject([{ added: true }, { added: true }])
    }
  })
  afterAll(() => server.close())

  const photo = async (person: number, i: number) => file(readFileSync(sharedPhoto(person, i)))
  const file = (bytes: Uint8Array, name = 'photo.jpg') => new File([new Uint8Array(bytes)], name)
  const enroll = (person: string, photos: File[], query: object = {}) =>
    client.POST('/v1/galleries/{gallery}/people/{person}/faces', {
      params: { path: { gallery, person }, query },
      body: { photo: photos },
    })

  it('are known by other photographs of theirs, several at once', async () => {
    const photos = await Promise.all(PEOPLE.map((person) => photo(person, 2)))
    const { data } = await client.POST('/v1/galleries/{gallery}/identify', {
      params: { path: { gallery }, query: { faces: 'largest', threshold: 0.3 } },
      body: { photo: [...photos, await photo(9, 0)] },
    })
    const found = data?.photos.map(({ faces }) => faces?.[0])
    expect(found?.map((one) => [one?.known, one?.matches[0]?.name])).toEqual([
      ...PEOPLE.map((person) => [true, `p${person}`]),
      [false, undefined],
    ])
    expect(found?.[0]).toMatchObject({ threshold: 0.3, searched: { people: 4, faces: 8 } })
  })

  it('are not enrolled by a poor face, and the reason is told; the others are', async () => {
    const small = await sharp(sharedPhoto(4, 0)).resize({ width: 60 }).jpeg().toBuffer()
    const alone = await enroll('small', [file(small)], { small: 'true' })
    expect(alone.response.status).toBe(422)
    expect(alone.error).toMatchObject({ code: 'VISION_POOR_FACE', hint: expect.any(String) })
    expect(alone.error?.detail).toMatch(/small \(\d+ pixels between the eyes\)/)
    const nobody = await enroll('nobody', [file(await blankPhoto(), 'grey.png')])
    expect([nobody.response.status, nobody.error?.code]).toEqual([422, 'VISION_NO_FACE'])
    const files = [file(small), file(await blankPhoto()), await photo(4, 1)]
    const several = await enroll('several', files, { small: 'true' })
    expect(several.data?.faces).toMatchObject([
      { problem: { code: 'VISION_POOR_FACE' } },
      { problem: { code: 'VISION_NO_FACE' } },
      { added: true },
    ])
    const { data } = await client.GET('/v1/galleries/{gallery}/people', {
      params: { path: { gallery }, query: { after: 'p3' } },
    })
    expect(data?.people).toMatchObject([{ name: 'several', faces: 1 }])
  })

  it('keep no picture where thumbnails are off', async () => {
    const { data } = await client.GET('/v1/galleries/{gallery}/people/{person}/faces', {
      params: { path: { gallery, person: 'p0' } },
    })
    const { id } = data!.faces[0]!
    const picture = await fetch(`${server.url}/v1/galleries/${gallery}/faces/${id}/thumbnail`)
    expect([picture.status, await picture.text()]).toEqual([204, ''])
  })

  it('are told from others by a photograph', async () => {
    for (const [person, same] of [
      ['p0', true],
      ['p1', false],
    ] as const) {
      const { data } = await client.POST('/v1/galleries/{gallery}/people/{person}/verify', {
        params: { path: { gallery, person }, query: { threshold: 0.3 } },
        body: { photo: await photo(0, 3) },
      })
      expect(data).toMatchObject({ person, same, faces: 2, threshold: 0.3, rejected: [] })
    }
  })
})
