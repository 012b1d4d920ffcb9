import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { blankPhoto } from '../testing/blank.js'
import {
  type ComprefaceClient,
  comprefaceClient,
  type Item,
  type Items,
} from '../testing/compreface.js'
import { noisePhoto, type TestServer, testServer } from '../testing/server.js'

// Row by row what the table of CompreFace's API says, by plain HTTP. Drawn models find one face in noise 4 and 7, two in
// noise 1 and 2, four in noise 5, none in what has one colour; nearly all cosines of theirs lie above 0.9.
const ONE = [4, 7] as const
const TWO = 1
const FOUR = 5
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const NOBODY = '00000000-0000-0000-0000-000000000000'

interface Face {
  image_id: string
  subject: string
}

let server: TestServer
let client: ComprefaceClient
beforeAll(async () => {
  server = await testServer({})
  client = comprefaceClient(server.url)
})
afterAll(() => server.close())
beforeEach(async () => {
  await client.delete('/recognition/subjects')
})

const photo = (seed: number) => noisePhoto(seed)
/** Adds a face of a photograph. @returns its id */
async function add(subject: string, seed: number): Promise<string> {
  const path = `/recognition/faces?subject=${encodeURIComponent(subject)}`
  const { status, body } = await client.form<Face>(path, { file: await photo(seed) })
  expect(status).toBe(201)
  return body.image_id
}
const listed = async (query = '') =>
  (await client.get<{ faces: Face[] }>(`/recognition/faces${query}`)).body
const names = async () =>
  (await client.get<{ subjects: string[] }>('/recognition/subjects')).body.subjects

describe('subjects', () => {
  it('are made with 201, and listed', async () => {
    for (const subject of [
      'Ada Lovelace',
      '__proto__',
      'Зоя',
      "O'Brien",
      '山田 太郎',
      'x'.repeat(50),
    ])
      expect(await client.json('/recognition/subjects', { subject })).toEqual({
        status: 201,
        body: { subject },
      })
    expect((await names()).sort()).toEqual(
      ["O'Brien", 'Ada Lovelace', '__proto__', 'Зоя', '山田 太郎', 'x'.repeat(50)].sort(),
    )
    expect((await client.get<{ subjects: string[] }>('/recognition/subjects/')).body).toEqual({
      subjects: await names(),
    })
  })

  it('are renamed, with their faces; to a name that is there they are merged into it', async () => {
    const id = await add('bob', ONE[0])
    await client.json('/recognition/subjects', { subject: 'Ada' })
    const put = async (from: string, subject: string) =>
      (await client.json(`/recognition/subjects/${encodeURIComponent(from)}`, { subject }, 'PUT'))
        .body
    expect(await put('bob', 'bob')).toEqual({ updated: false })
    expect(await put('BOB', 'Robert Ä')).toEqual({ updated: true })
    expect(await put('robert ä', 'ROBERT Ä')).toEqual({ updated: true })
    expect(await names()).toEqual(['Ada', 'ROBERT Ä'])
    expect(await put('Robert ä', 'ADA')).toEqual({ updated: true })
    expect(await names()).toEqual(['Ada'])
    expect((await listed()).faces).toEqual([{ image_id: id, subject: 'Ada' }])
  })

  it('are deleted, one or all, with their faces', async () => {
    await add('Ada', ONE[0])
    await client.json('/recognition/subjects', { subject: 'Grace' })
    await client.json('/recognition/subjects', { subject: 'Zoë' })
    expect((await client.delete('/recognition/subjects/aDA')).body).toEqual({ subject: 'Ada' })
    expect(await listed()).toMatchObject({ total_elements: 0 })
    expect((await client.delete('/recognition/subjects')).body).toEqual({ deleted: 2 })
    expect((await client.delete('/recognition/subjects')).body).toEqual({ deleted: 0 })
  })
})

describe('faces', () => {
  it('are added with 201, by file or base64, to whom is written in another case too', async () => {
    const file = await photo(ONE[0])
    const first = await client.form<Face>('/recognition/faces?subject=Bob', { file })
    expect(first).toEqual({
      status: 201,
      body: { image_id: expect.stringMatching(UUID), subject: 'Bob' },
    })
    const second = await client.json<Face>('/recognition/faces?subject=bOB', {
      file: (await photo(ONE[1])).toString('base64'),
    })
    // The name is told as it came, as CompreFace does.
    expect(second.body.subject).toBe('bOB')
    expect(await names()).toEqual(['Bob'])
    // The very same picture of the same person is there already: it keeps its id.
    expect((await client.form<Face>('/recognition/faces?subject=bob', { file })).body).toEqual({
      image_id: first.body.image_id,
      subject: 'bob',
    })
    // A form's fields are parameters too.
    const form = new FormData()
    form.append('subject', 'Eve')
    form.append('file', new Blob([new Uint8Array(file)]), 'x.JPEG')
    expect((await client.send('POST', '/recognition/faces', form)).body).toMatchObject({
      subject: 'Eve',
    })
  })

  it('are listed by pages', async () => {
    expect(await listed()).toEqual({
      ...{ faces: [], page_number: 0, page_size: 20, total_pages: 0, total_elements: 0 },
    })
    const ids = [await add('Ada', 4), await add('Ada', 7), await add('Bob', 4)]
    const all = ['Ada', 'Ada', 'Bob'].map((subject, i) => ({ image_id: ids[i]!, subject }))
    expect(await listed('?page=0&size=2')).toEqual({
      ...{
        faces: all.slice(0, 2),
        page_number: 0,
        page_size: 2,
        total_pages: 2,
        total_elements: 3,
      },
    })
    expect(await listed('?page=1&size=2')).toMatchObject({ faces: all.slice(2), page_number: 1 })
    expect(await listed('?page=2&size=2')).toMatchObject({ faces: [], total_elements: 3 })
    expect(await listed('?subject=aDa')).toMatchObject({
      faces: all.slice(0, 2),
      total_elements: 2,
    })
    expect(await listed('?subject=nobody')).toMatchObject({ faces: [], total_elements: 0 })
  })

  it('are deleted by subject, who goes too, or all', async () => {
    await add('Ada', 4)
    await add('Ada', 7)
    await add('Bob', 4)
    await client.json('/recognition/subjects', { subject: 'Eve' })
    expect((await client.delete('/recognition/faces?subject=nobody')).body).toEqual({ deleted: 0 })
    expect((await client.delete('/recognition/faces?subject=ADA')).body).toEqual({ deleted: 2 })
    expect(await names()).toEqual(['Bob', 'Eve'])
    expect((await client.delete('/recognition/faces')).body).toEqual({ deleted: 1 })
    expect(await names()).toEqual([])
  })

  it('are deleted by id, one or several; unknown ones are passed over of several', async () => {
    const [a, b, c] = [await add('Ada', 4), await add('Ada', 7), await add('Bob', 4)]
    expect((await client.delete(`/recognition/faces/${a}`)).body).toEqual({
      image_id: a,
      subject: 'Ada',
    })
    const several = await client.json('/recognition/faces/delete', [c, NOBODY, b, c])
    expect(several.body).toEqual([
      { image_id: c, subject: 'Bob' },
      { image_id: b, subject: 'Ada' },
    ])
    expect((await client.json('/recognition/faces/delete', [])).body).toEqual([])
    // Of a single face the subject stays.
    expect(await names()).toEqual(['Ada', 'Bob'])
  })

  it('show the aligned face as their picture, with a header or the key in the address', async () => {
    const id = await add('Ada', 4)
    for (const [path, key] of [
      [`/recognition/faces/${id}/img`, client.key],
      [`/static/${client.key}/images/${id}`, null],
    ] as const) {
      const answer = await fetch(`${server.url}/api/v1${path}`, {
        headers: key === null ? {} : { 'x-api-key': key },
      })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toBe('application/octet-stream')
      const bytes = Buffer.from(await answer.arrayBuffer())
      expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff')
    }
    for (const path of [
      `/recognition/faces/${NOBODY}/img`,
      `/static/${client.key}/images/${NOBODY}`,
    ]) {
      const answer = await fetch(`${server.url}/api/v1${path}`, {
        headers: { 'x-api-key': client.key! },
      })
      expect([answer.status, await answer.text()]).toEqual([200, ''])
    }
  })
})

describe('recognition', () => {
  const recognize = async (seed: number, query = '') =>
    (await client.form<Items>(`/recognition/recognize${query}`, { file: await photo(seed) })).body

  it('names nobody in an empty collection', async () => {
    const { result } = await recognize(TWO)
    expect(result).toHaveLength(2)
    for (const item of result) expect(item).toMatchObject({ subjects: [], known: false })
  })

  it('names the nearest, with a similarity at five places, and what we say beside', async () => {
    await add('Ada', ONE[0])
    const { result, plugins_versions } = await recognize(ONE[0])
    expect(plugins_versions).toBeUndefined()
    expect(result).toEqual([
      {
        box: {
          probability: expect.any(Number),
          ...{ x_max: expect.any(Number), y_max: expect.any(Number) },
          ...{ x_min: expect.any(Number), y_min: expect.any(Number) },
        },
        subjects: [{ subject: 'Ada', similarity: 1 }],
        // Beside CompreFace's own: the thresholds of the drawn models.
        ...{ known: true, threshold: 0.5, threshold_cosine: expect.any(Number) },
        ...{ far: expect.any(Number), fpir: 0.01, searched: { people: 1, faces: 1 } },
      },
    ])
    const { probability, x_max, y_min } = result[0]!.box
    expect(probability).toBe(Number(probability.toFixed(5)))
    for (const pixel of [x_max, y_min]) expect(pixel % 1).toBe(0)
  })

  it('counts predictions by faces, so that a subject may stand there twice', async () => {
    await add('Ada', 4)
    await add('Ada', 7)
    await add('Bob', 7)
    const subjects = async (count: number) =>
      (await recognize(4, `?prediction_count=${count}`)).result[0]!.subjects!
    expect(await subjects(1)).toMatchObject([{ subject: 'Ada' }])
    const three = await subjects(3)
    expect(three.map(({ subject }) => subject).sort()).toEqual(['Ada', 'Ada', 'Bob'])
    expect(three[0]!.subject).toBe('Ada')
    const similarities = three.map(({ similarity }) => similarity)
    expect(similarities).toEqual([...similarities].sort((x, y) => y - x))
    expect(await subjects(1000)).toEqual(three)
  })

  it('is of so many faces as limit says, the largest', async () => {
    const area = ({ box }: Item) => (box.x_max - box.x_min) * (box.y_max - box.y_min)
    const { result: all } = await recognize(FOUR)
    expect(all).toHaveLength(4)
    expect(all.map(area)).toEqual(all.map(area).sort((x, y) => y - x))
    for (const limit of [1, 3, 4, 100])
      expect((await recognize(FOUR, `?limit=${limit}`)).result).toEqual(all.slice(0, limit))
    expect((await recognize(FOUR, '?limit=0')).result).toEqual(all)
  })

  it('leaves out faces below det_prob_threshold', async () => {
    const { result: all } = await recognize(FOUR)
    const scores = all.map(({ box }) => box.probability).sort((x, y) => x - y)
    const middle = (scores[1]! + scores[2]!) / 2
    const { result } = await recognize(FOUR, `?det_prob_threshold=${middle}`)
    expect(result.map(({ box }) => box.probability).sort((x, y) => x - y)).toEqual(scores.slice(2))
  })

  it('tells of faces what plugins ask for, and leaves out what no model is here for', async () => {
    const plain = (await recognize(4)).result[0]!
    for (const [plugins, keys] of [
      ['landmarks', ['landmarks']],
      ['pose', ['pose']],
      ['calculator', ['embedding']],
      ['landmarks,pose,calculator', ['landmarks', 'pose', 'embedding']],
      ['age,gender,mask,whatever', []],
    ] as const) {
      const item = (await recognize(4, `?face_plugins=${plugins}`)).result[0]!
      const added = Object.keys(item).filter((key) => !(key in plain))
      expect(added.sort()).toEqual([...keys].sort())
    }
    const item = (await recognize(4, '?face_plugins=landmarks,pose,calculator')).result[0]!
    expect(item.landmarks).toHaveLength(5)
    for (const [x, y] of item.landmarks!) expect([x % 1, y % 1].map(Math.abs)).toEqual([0, 0])
    for (const angle of Object.values(item.pose!)) expect(Math.abs(angle)).toBeLessThanOrEqual(180)
    // The drawn faces lie on a side or their head, so that radians could not be taken for degrees.
    expect(Math.max(...Object.values(item.pose!).map(Math.abs))).toBeGreaterThan(Math.PI)
    expect(item.embedding).toHaveLength(128)
    expect(Math.hypot(...item.embedding!)).toBeCloseTo(1, 5)
  })

  it('tells times and versions where status asks for them', async () => {
    const { result, plugins_versions } = await recognize(4, '?status=true')
    expect(plugins_versions).toEqual({ detector: 'YuNet', calculator: 'embedder.onnx' })
    const { detector, calculator, ...others } = result[0]!.execution_time!
    for (const time of [detector, calculator]) expect(time).toBeGreaterThan(0)
    expect(others).toEqual({})
  })

  it('takes the whole picture for a face where it shall not look for one', async () => {
    const { result } = await recognize(FOUR, '?detect_faces=false')
    expect(result).toMatchObject([
      { box: { probability: 1, x_min: 0, y_min: 0, x_max: 160, y_max: 160 } },
    ])
    const { status, body } = await client.form<Items>('/recognition/recognize?detect_faces=false', {
      file: await blankPhoto(),
    })
    expect([status, body.result.length]).toEqual([200, 1])
  })

  it('verifies against a face by its id; against an unknown one similarity is 0', async () => {
    const id = await add('Ada', 4)
    const verify = async (of: string, seed: number, query = '') =>
      (
        await client.form<Items>(`/recognition/faces/${of}/verify${query}`, {
          file: await photo(seed),
        })
      ).body
    const { result } = await verify(id, 4, '?status=true&face_plugins=landmarks')
    expect(result).toMatchObject([
      {
        ...{ subject: 'Ada', similarity: 1, same: true, threshold: 0.5, far: 0.001 },
        landmarks: expect.any(Array),
        execution_time: { detector: expect.any(Number), calculator: expect.any(Number) },
      },
    ])
    expect((await verify(id, FOUR)).result).toHaveLength(4)
    expect((await verify(id, FOUR, '?limit=2')).result).toHaveLength(2)
    const unknown = (await verify(NOBODY, 4)).result[0]!
    expect(unknown).toMatchObject({ subject: '', similarity: 0 })
    expect(unknown).not.toHaveProperty('same')
  })
})

describe('detection', () => {
  it('tells where faces are, and no more than was asked', async () => {
    const file = await photo(FOUR)
    const detect = async (query = '') =>
      (await client.form<Items>(`/detection/detect${query}`, { file })).body
    const { result, ...rest } = await detect()
    expect(rest).toEqual({})
    expect(result).toHaveLength(4)
    for (const item of result) expect(Object.keys(item)).toEqual(['box'])
    expect((await detect('?limit=2')).result).toEqual(result.slice(0, 2))
    const full = await detect('?status=true&face_plugins=landmarks,pose,calculator')
    expect(full.plugins_versions).toEqual({ detector: 'YuNet', calculator: 'embedder.onnx' })
    expect(Object.keys(full.result[0]!).sort()).toEqual(
      ['box', 'landmarks', 'pose', 'embedding', 'execution_time'].sort(),
    )
    const timed = await detect('?status=true')
    expect(timed.plugins_versions).toEqual({ detector: 'YuNet' })
    expect(Object.keys(timed.result[0]!.execution_time!)).toEqual(['detector'])
  })
})

describe('verification', () => {
  interface Verified {
    result: { source_image_face: Item; face_matches: Item[]; plugins_versions?: object }[]
  }

  it('compares the face of one photograph with all of another', async () => {
    const [source_image, target_image] = [await photo(4), await photo(FOUR)]
    const { status, body } = await client.form<Verified>('/verification/verify', {
      source_image,
      target_image,
    })
    expect(status).toBe(200)
    expect(body.result).toHaveLength(1)
    const [{ source_image_face, face_matches, ...rest }] = body.result as [Verified['result'][0]]
    expect(rest).toEqual({})
    expect(Object.keys(source_image_face)).toEqual(['box'])
    expect(face_matches).toHaveLength(4)
    for (const match of face_matches)
      expect(match).toEqual({
        box: expect.any(Object),
        similarity: expect.any(Number),
        ...{ same: match.similarity! > 0.5, threshold: 0.5, threshold_cosine: 0.4, far: 0.001 },
      })
    const base64 = await client.json<Verified>('/verification/verify?status=true&limit=1', {
      source_image: source_image.toString('base64'),
      target_image: source_image.toString('base64'),
    })
    expect(base64.body.result).toMatchObject([
      {
        face_matches: [{ similarity: 1, same: true }],
        plugins_versions: { detector: 'YuNet', calculator: 'embedder.onnx' },
      },
    ])
  })

  it('takes with limit=1 the largest face of a source that shows several', async () => {
    const file = await photo(TWO)
    const both = { source_image: file, target_image: file }
    expect((await client.form('/verification/verify', both)).body).toMatchObject({ code: 31 })
    const { body } = await client.form<Verified>('/verification/verify?limit=1', both)
    expect(body.result[0]!.face_matches).toMatchObject([{ similarity: 1 }])
  })
})

describe('embeddings', () => {
  const DIM = 128
  const embedded = async (seed: number) => {
    const path = '/detection/detect?limit=1&face_plugins=calculator'
    return (await client.form<Items>(path, { file: await photo(seed) })).body.result[0]!.embedding!
  }
  /** Of another length: what counts is the direction. */
  const twice = (embedding: readonly number[]) => embedding.map((value) => 2 * value)
  const opposite = (embedding: readonly number[]) => embedding.map((value) => -value)

  it('are recognised', async () => {
    await add('Ada', 4)
    await add('Ada', 7)
    const embedding = await embedded(4)
    const given = [embedding, twice(embedding), opposite(embedding)]
    const { status, body } = await client.json<{
      result: { embedding: number[]; similarities: object[]; known: boolean }[]
    }>('/recognition/embeddings/recognize?prediction_count=2', { embeddings: given })
    expect(status).toBe(200)
    expect(body.result.map((one) => one.embedding)).toEqual(given)
    const [same, longer, other] = body.result
    expect(same!.similarities[0]).toEqual({ subject: 'Ada', similarity: expect.closeTo(1, 4) })
    expect(same!.similarities).toHaveLength(2)
    expect(longer!.similarities).toEqual(same!.similarities)
    expect([same!.known, other!.known]).toEqual([true, false])
  })

  it('are verified against a face, the most similar first', async () => {
    const id = await add('Ada', 4)
    const embedding = await embedded(4)
    const embeddings = [opposite(embedding), embedding]
    const path = (of: string) => `/recognition/embeddings/faces/${of}/verify`
    const { body } = await client.json<{ result: { similarity: number }[] }>(path(id), {
      embeddings,
    })
    expect(body.result).toMatchObject([
      { embedding, similarity: 1, same: true },
      {
        embedding: opposite(embedding),
        similarity: expect.closeTo((Math.tanh((Math.sqrt(1.2) - 2) * 6) + 1) / 2, 5),
        same: false,
      },
    ])
    expect((await client.json(path(NOBODY), { embeddings })).body).toEqual({
      result: embeddings.map((one) => ({ embedding: one, similarity: 0 })),
    })
  })

  it('are verified against another, the most similar first', async () => {
    const axis = (i: number, cosine = 1) =>
      Array.from({ length: DIM }, (_, k) =>
        k === 0 ? cosine : k === i ? Math.sqrt(1 - cosine ** 2) : 0,
      )
    const [source, near, far] = [axis(0), axis(1, 0.5), axis(2, 0.3)]
    const { body } = await client.json<{ result: { similarity: number; same: boolean }[] }>(
      '/verification/embeddings/verify',
      { source, targets: [far, near] },
    )
    // d is 1 of the near one and 1.1832 of the far one, c0 of the threshold 0.4 is 1.0954, c1 is 6.
    const similarity = (d: number) => (Math.tanh((Math.sqrt(1.2) - d) * 6) + 1) / 2
    expect(body.result).toMatchObject([
      { embedding: near, similarity: expect.closeTo(similarity(1), 4), same: true },
      { embedding: far, similarity: expect.closeTo(similarity(Math.sqrt(1.4)), 4), same: false },
    ])
  })
})

describe('without a key', () => {
  it('a client learns what it may send, and that all is well', async () => {
    const stranger = comprefaceClient(server.url, null)
    expect(await stranger.get('/config')).toEqual({
      status: 200,
      body: { clientMaxFileSize: 5_242_880, clientMaxBodySize: 10_485_760 },
    })
    expect(await stranger.get('/consistence/status')).toEqual({
      status: 200,
      body: {
        ...{ demoFaceCollectionIsInconsistent: false, dbIsInconsistent: false },
        ...{ saveImagesToDB: true, status: 'OK' },
      },
    })
  })
})

it('stays out of our OpenAPI', async () => {
  const { paths } = (await (await fetch(`${server.url}/docs/json`)).json()) as { paths: object }
  expect(Object.keys(paths).filter((path) => !path.startsWith('/v1'))).not.toContainEqual(
    expect.stringMatching(/^\/api/),
  )
})
