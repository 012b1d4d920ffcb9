import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { freshGalleries } from '../testing/fresh.js'
import { noisePhoto, testServer } from '../testing/server.js'
import { zipOf } from '../testing/zip.js'

const own = freshGalleries()

async function start(kind: string, body?: Blob, query = '') {
  const url = `${own.server.url}/v1/galleries/${own.gallery}/jobs/${kind}${query}`
  const headers = { 'content-type': 'application/zip' }
  const answer = await fetch(url, { method: 'POST', ...(body && { body, headers }) })
  return { status: answer.status, job: (await answer.json()) as { id: string; code?: string } }
}

/** Events of a job until it ends. */
async function events(id: string) {
  const text = await (await fetch(`${own.server.url}/v1/jobs/${id}/events`)).text()
  return text
    .split('\n\n')
    .flatMap((event) => event.match(/^data: (.*)$/m)?.[1] ?? [])
    .map((data) => JSON.parse(data) as { state: string; done: number; total: number | null })
}

const ended = async (id: string) => {
  await events(id)
  return (await own.client.GET('/v1/jobs/{job}', { params: { path: { job: id } } })).data!
}
const people = async () =>
  (
    await own.client.GET('/v1/galleries/{gallery}/people', {
      params: { path: { gallery: own.gallery } },
    })
  ).data!.people

describe('a job', () => {
  it('enrols a zip with a folder a person, tells each photograph that it leaves out, and does nothing twice', async () => {
    const zip = zipOf({
      'Ada/1.png': await noisePhoto(1),
      'Ada/2.png': await noisePhoto(2),
      'Bob/1.png': await noisePhoto(3),
      'Bob/same as Ada.png': await noisePhoto(1),
      'Bob/text.jpg': Buffer.from('no picture'),
      'Bob/notes.txt': Buffer.from('no photograph'),
      'a\u202eb/1.png': await noisePhoto(4),
      '__MACOSX/Ada/._1.png': await noisePhoto(5),
    })
    const { status, job } = await start('enroll', zip, '?group=new')
    expect(status).toBe(202)
    const first = await ended(job.id)
    expect(first).toMatchObject({ state: 'done', done: 6, total: 6, problem: null })
    expect(first.result).toMatchObject({
      ...{ photos: 6, enrolled: 4, before: 0, skipped: 2 },
      reasons: [{ photo: 'photos/Bob/text.jpg' }, { photo: 'photos/a\u202eb/1.png' }],
      alike: expect.arrayContaining([
        expect.objectContaining({ person: 'Bob', other: 'Ada', similarity: expect.closeTo(1) }),
      ]),
    })
    expect(await people()).toMatchObject([
      { name: 'Ada', faces: 2, groups: ['new'] },
      { name: 'Bob', faces: 2, groups: ['new'] },
    ])
    const again = await ended((await start('enroll', zip)).job.id)
    expect(again.result).toMatchObject({ enrolled: 0, before: 4, skipped: 2 })
    expect(readdirSync(join(own.server.folder, 'temporary'))).toEqual([])
  })

  it('tells its progress by events until it has ended, to whoever comes when', async () => {
    const members = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => [`p${i}/1.png`, await noisePhoto(i)] as const),
    )
    const { job } = await start('enroll', zipOf(Object.fromEntries(members)))
    const told = await events(job.id)
    expect(told.at(-1)).toMatchObject({ state: 'done', done: 40, total: 40 })
    expect(told.map(({ done }) => done)).toEqual(
      [...told.map(({ done }) => done)].sort((a, b) => a - b),
    )
    expect(await events(job.id)).toEqual([{ ...told.at(-1)! }])
  })

  it('is cancelled: what is committed stays, and the line goes on', async () => {
    const photo = await noisePhoto(1)
    const many = Array.from({ length: 300 }, (_, i) => [`p${i}/1.png`, photo] as const)
    const long = await start('enroll', zipOf(Object.fromEntries(many)))
    const waiting = await start('enroll', zipOf({ 'q/1.png': photo }))
    const next = await start('enroll', zipOf({ 'r/1.png': photo }))
    for (const { job } of [waiting, long]) {
      const { response } = await own.client.DELETE('/v1/jobs/{job}', {
        params: { path: { job: job.id } },
      })
      expect(response.status).toBe(200)
      expect((await ended(job.id)).state).toBe('cancelled')
    }
    expect((await ended(next.job.id)).state).toBe('done')
    const names = (await people()).map(({ name }) => name)
    expect([names.includes('q'), names.includes('r')]).toEqual([false, true])
    expect(readdirSync(join(own.server.folder, 'temporary'))).toEqual([])
  })

  it('finds duplicates, and strangers who are the same', async () => {
    await ended(
      (
        await start(
          'enroll',
          zipOf({ 'Ada/1.png': await noisePhoto(1), 'Bob/1.png': await noisePhoto(1) }),
        )
      ).job.id,
    )
    const twice = await ended((await start('duplicates', undefined, '?threshold=0.99')).job.id)
    expect(twice.result).toMatchObject({
      pairs: 1,
      threshold: 0.99,
      duplicates: [{ kind: 'people' }],
    })
    const strangers = await ended(
      (
        await start(
          'clusters',
          zipOf({
            'large.png': Buffer.alloc(10 * 2 ** 20 + 1),
            'a.png': await noisePhoto(1),
            'b.png': Buffer.from('none'),
          }),
        )
      ).job.id,
    )
    expect(strangers.problem).toBeNull()
    expect(strangers).toMatchObject({
      ...{ state: 'done', done: 3, total: 3 },
      result: { skipped: [{ photo: 'photos/large.png' }, { photo: 'photos/b.png' }] },
    })
    expect((strangers.result as { known: number }).known).toBeGreaterThan(0)
  })

  it.each([
    ['no zip', new Blob(['no zip at all, only text'])],
    ['a cut one', zipOf({ 'a/1.png': new Uint8Array(1000) }).slice(0, 500)],
  ])('is not begun with %s', async (_, body) => {
    const { status, job } = await start('enroll', body)
    expect([status, job.code]).toEqual([422, 'FILES_ARCHIVE'])
    expect(readdirSync(join(own.server.folder, 'temporary'))).toEqual([])
  })

  it('is told where a zip is to be put', async () => {
    const form = new FormData()
    form.append('zip', zipOf({ 'a/1.png': await noisePhoto(1) }))
    const url = `${own.server.url}/v1/galleries/${own.gallery}/jobs/enroll`
    const answer = await fetch(url, { method: 'POST', body: form })
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { code: 'SERVER_REQUEST', hint: expect.stringContaining('application/zip') },
    ])
  })

  it('of another id is none', async () => {
    const { error } = await own.client.GET('/v1/jobs/{job}', { params: { path: { job: 'x' } } })
    expect(error?.code).toBe('SERVER_JOB')
  })
})

it('ends with its server, and is not waited for by who watches it', async () => {
  const own = await testServer({ stop: { finishSeconds: 600 } })
  const post = (path: string, body: Blob | string, type: string) =>
    fetch(`${own.url}/v1/galleries${path}`, {
      ...{ method: 'POST', body, headers: { 'content-type': type } },
    })
  await post('', '{"name":"staff"}', 'application/json')
  const photo = await noisePhoto(1)
  const many = Array.from({ length: 300 }, (_, i) => [`p${i}/1.png`, photo] as const)
  const started = await post(
    '/staff/jobs/enroll',
    zipOf(Object.fromEntries(many)),
    'application/zip',
  )
  const { id } = (await started.json()) as { id: string }
  const watched = await fetch(`${own.url}/v1/jobs/${id}/events`)
  const [text] = await Promise.all([watched.text(), own.close()])
  expect(text.trim().split('\n').at(-1)).toContain('"state":"cancelled"')
})

describe('jobs of one key', () => {
  it('are four at most that wait, which is told before a file is taken', async () => {
    const long = zipOf(
      Object.fromEntries(
        await Promise.all(
          Array.from({ length: 60 }, async (_, i) => [`p${i}/1.png`, await noisePhoto(i)] as const),
        ),
      ),
    )
    const started = []
    for (let i = 0; i < 4; i++) started.push(await start('enroll', long))
    expect(started.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    const { status, job } = await start('enroll', long)
    expect([status, job.code]).toEqual([429, 'SERVER_RATE'])
    for (const one of started)
      await own.client.DELETE('/v1/jobs/{job}', { params: { path: { job: one.job.id } } })
  })
})
