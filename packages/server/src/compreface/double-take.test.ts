import { copyFileSync, createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blankPhoto } from '../testing/blank.js'
import type { Item } from '../testing/compreface.js'
import { hasShared, sharedPhoto, type TestServer, testServer } from '../testing/server.js'

// The calls of double-take (jakowenko/double-take), by the HTTP client that it uses: what it sends, and how it reads
// the answers. It holds the whole of its dependence on CompreFace: recognize, train and remove.

/** axios 0.x and form-data as double-take has them; both come with CompreFace's SDK. */
const require = createRequire(import.meta.resolve('@exadel/compreface-js-sdk'))
type Axios = (options: object) => Promise<{ status: number; data: unknown }>
type Form = new () => { append(name: string, value: unknown): void; getHeaders(): object }
const axios = require('axios') as Axios
const FormData = require('form-data') as Form

const KEY = '6b135f5b-a365-4522-b1f1-4c9ac2dd0728'

describe.skipIf(!hasShared)("double-take's calls, with photographs of ../shared", () => {
  const folder = mkdtempSync(join(tmpdir(), 'double-take-'))
  let server: TestServer
  beforeAll(async () => {
    server = await testServer({}, 'shared')
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const validateStatus = () => true
  /** Its files are streams, so that nobody knows their length before. */
  const upload = (path: string, file: string, params: object) => {
    const data = new FormData()
    data.append('file', createReadStream(file))
    const headers = { ...data.getHeaders(), 'x-api-key': KEY }
    return axios({
      method: 'post',
      headers,
      url: `${server.url}${path}`,
      validateStatus,
      params,
      data,
    })
  }
  const recognize = (file: string) =>
    upload('/api/v1/recognition/recognize', file, {
      det_prob_threshold: 0.8,
      face_plugins: 'mask,gender,age',
    })
  const train = (name: string, file: string) =>
    upload('/api/v1/recognition/faces', file, { subject: name })
  const remove = (name: string) =>
    axios({
      ...{ method: 'delete', headers: { 'x-api-key': KEY }, validateStatus },
      ...{ url: `${server.url}/api/v1/recognition/faces`, params: { subject: name } },
    })

  /** As it turns an answer into matches, of which it tells the best. */
  function matchesOf({ data }: { data: unknown }) {
    const { code, result } = data as { code?: number; result: Item[] }
    if (code === 28) return []
    return result.map(({ box, subjects }) => {
      const [face] = subjects!
      const confidence = face ? Number.parseFloat((face.similarity * 100).toFixed(2)) : 0
      return {
        name: face && confidence >= 40 ? face.subject.toLowerCase() : 'unknown',
        match: confidence >= 60,
        box: {
          ...{ top: box.y_min, left: box.x_min },
          ...{ width: box.x_max - box.x_min, height: box.y_max - box.y_min },
        },
      }
    })
  }

  const photo = (person: number, i: number) => {
    const file = join(folder, `${person}-${i}.jpg`)
    copyFileSync(sharedPhoto(person, i), file)
    return file
  }

  it('recognises before anybody is trained', async () => {
    const answer = await recognize(photo(0, 0))
    expect(matchesOf(answer)).toMatchObject([{ name: 'unknown', match: false }])
  })

  it('trains, recognises, and removes', async () => {
    for (const [person, name] of ['Ada', 'grace hopper'].entries())
      for (const i of [0, 2])
        expect(await train(name, photo(person, i))).toMatchObject({
          status: 201,
          data: { subject: name, image_id: expect.any(String) },
        })
    for (const [person, name] of ['ada', 'grace hopper'].entries()) {
      const matches = matchesOf(await recognize(photo(person, 3)))
      const best = matches.find((one) => one.match)
      expect(best).toMatchObject({ name, match: true })
      for (const side of Object.values(best!.box)) expect(side).toBeGreaterThan(0)
    }
    expect(await remove('Ada')).toMatchObject({ status: 200, data: { deleted: 2 } })
    expect(await remove('Ada')).toMatchObject({ status: 200, data: { deleted: 0 } })
    expect(matchesOf(await recognize(photo(0, 3)))[0]).toMatchObject({ match: false })
  })

  it('reads a picture without a face as nobody', async () => {
    const file = join(folder, 'blank.png')
    writeFileSync(file, await blankPhoto())
    const answer = await recognize(file)
    expect(answer.status).toBe(400)
    expect(matchesOf(answer)).toEqual([])
    expect(await train('nobody', file)).toMatchObject({
      status: 400,
      data: { code: 28, message: 'No face is found in the given image' },
    })
  })
})
