import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Recognizer } from '@arcface/recognize'
import { noise, randomDetector, randomEmbedder } from '@arcface/testing'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Gallery } from '../gallery/gallery.js'
import { openGalleryOf } from '../photo/open.js'
import { FakeCompreface, type Mischief } from '../testing/compreface.js'
import { type ImportComprefaceOptions, importCompreface } from './import.js'

const room = mkdtempSync(join(tmpdir(), 'compreface-'))
let recognizer: Recognizer
/** Pictures with one face each, as the drawn detector sees it, and one with two. */
let ones: Buffer[]
let two: Buffer
let blank: Buffer
beforeAll(async () => {
  const [model, detector] = [join(room, 'embedder.onnx'), join(room, 'detector.onnx')]
  writeFileSync(model, randomEmbedder())
  writeFileSync(detector, randomDetector())
  recognizer = await Recognizer.open({ model, detector, quality: false })
  const found = new Map<number, Buffer[]>()
  for (let seed = 0; (found.get(1)?.length ?? 0) < 12 || !found.has(2); seed++) {
    const picture = await noisePhoto(seed)
    const { length } = await recognizer.detect(picture)
    found.set(length, [...(found.get(length) ?? []), picture])
  }
  ones = found.get(1)!
  two = found.get(2)![0]!
  blank = await sharp({ create: { width: 160, height: 160, channels: 3, background: 'gray' } })
    .png()
    .toBuffer()
})
afterAll(async () => {
  await recognizer.close()
  rmSync(room, { recursive: true })
})

const noisePhoto = (seed: number): Promise<Buffer> =>
  sharp(noise(seed, 160, 160).pixels, { raw: { width: 160, height: 160, channels: 3 } })
    .png()
    .toBuffer()

let fake: FakeCompreface
let gallery: Gallery
let galleries = 0
beforeEach(async () => {
  fake = await FakeCompreface.open()
  gallery = await openGalleryOf(recognizer, join(room, String(++galleries)))
})
afterEach(async () => {
  await gallery.close()
  await fake.close()
})

const take = (options: ImportComprefaceOptions = {}, server: object = {}) =>
  importCompreface(gallery, recognizer, { url: fake.url, key: fake.key, ...server }, options)

const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Mischief =>
  (_, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
const stall: Mischief = () => {}
const cut: Mischief = (_, response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('half', () => response.destroy())
}

describe('people of a CompreFace', () => {
  it('are taken over, with their faces and ids, and those without faces too', async () => {
    const ids = ones.map((picture, i) => fake.add(`person ${i % 4}`, picture))
    fake.subjects.add('nobody’s face')
    const done: number[] = []
    const result = await take({ thumbnails: true, onProgress: (n) => done.push(n) })
    expect(result).toEqual({
      ...{ subjects: 5, faces: ones.length, people: 5, enrolled: ones.length, before: 0 },
      ...{ skipped: [], finished: true },
    })
    expect(done.at(-1)).toBe(ones.length)
    for (const [i, id] of ids.entries()) {
      expect(await gallery.face(id)).toMatchObject({ person: `person ${i % 4}` })
      const [face] = await recognizer.embed(ones[i]!)
      expect(await gallery.compareFace(id, face!.embedding)).toBeCloseTo(1, 5)
      expect((await gallery.thumbnail(id))!.subarray(0, 2)).toEqual(Uint8Array.of(0xff, 0xd8))
    }
    expect(await gallery.person('nobody’s face')).toMatchObject({ faces: 0 })
    // Once more: nothing is fetched that is there.
    fake.asked.length = 0
    expect(await take()).toMatchObject({ people: 0, enrolled: 0, before: ones.length, skipped: [] })
    expect(fake.asked.filter((path) => path.endsWith('/img'))).toEqual([])
  })

  it('are all found, though their faces come in another order on each page', async () => {
    for (const [i, picture] of ones.entries()) fake.add(`person ${i % 3}`, picture)
    // The second page repeats what was on the first: what stands on none of the pages is read later.
    fake.mischief.set('/subjects', {
      times: 1,
      does: (_, response) => {
        const { turn } = fake
        let listing = 0
        Object.defineProperty(fake, 'turn', { get: () => turn + 5 * Math.min(1, listing++ % 3) })
        response.end(JSON.stringify({ subjects: [...fake.subjects] }))
      },
    })
    expect(await take()).toMatchObject({ faces: ones.length, enrolled: ones.length })
    // Two pages hold them; one reading was not enough.
    expect(fake.asked.filter((path) => path.startsWith('/faces?')).length).toBeGreaterThan(2)
  })

  it('whose pictures show no face, several, or none at all are told', async () => {
    const kept = fake.add('Ada', ones[0]!)
    const left = {
      blank: fake.add('Ada', blank),
      two: fake.add('Ada', two),
      empty: fake.add('Bob', new Uint8Array(0)),
      text: fake.add('Bob', Buffer.from('no picture')),
      cut: fake.add('Bob', ones[1]!.subarray(0, 200)),
      id: fake.add('Bob', ones[1]!, 'a/../b'),
    }
    fake.add('Eve\u202e', ones[2]!)
    const result = await take()
    expect(result).toMatchObject({ people: 2, enrolled: 1, before: 0, finished: true })
    const reasons = new Map(result.skipped.map(({ face, reason }) => [face, reason]))
    expect(reasons.get(left.blank)).toMatch(/shows no face/)
    expect(reasons.get(left.two)).toMatch(/shows 2 faces/)
    expect(reasons.get(left.empty)).toMatch(/no picture/)
    expect(reasons.get(left.text)).toMatch(/cannot be read|no image|not an image|no picture/)
    expect(reasons.get(left.cut)).toBeDefined()
    expect(reasons.get(left.id)).toMatch(/id/)
    expect(reasons.get(null)).toMatch(/control character/)
    expect(result.skipped).toHaveLength(8)
    expect((await gallery.people()).map(({ name, faces }) => [name, faces])).toEqual([
      ['Ada', 1],
      ['Bob', 0],
    ])
    expect((await gallery.faces('Ada'))[0]!.id).toBe(kept)
    // The largest of several, if that is asked for.
    expect(await take({ faces: 'largest' })).toMatchObject({ enrolled: 1, before: 1 })
  })

  it('are those of the gallery who are written in another case', async () => {
    await gallery.addPeople([{ name: 'Ada Lovelace' }])
    fake.add('ada lovelace', ones[0]!)
    fake.add('ADA LOVELACE', ones[1]!)
    expect(await take()).toMatchObject({ people: 0, enrolled: 2 })
    expect(await gallery.people()).toMatchObject([{ name: 'Ada Lovelace', faces: 2 }])
  })

  it('are taken over further where it was cut', async () => {
    for (let copy = 0; copy < 3; copy++)
      for (const [i, picture] of ones.entries())
        fake.add(`person ${i}`, Buffer.concat([picture, Buffer.from([copy])]))
    const stop = new AbortController()
    const first = await take({ onProgress: () => stop.abort() }, { signal: stop.signal })
    expect(first.finished).toBe(false)
    expect(first.enrolled).toBeGreaterThan(0)
    expect((await gallery.count()).faces).toBe(first.enrolled)
    const second = await take()
    expect(second.finished).toBe(true)
    expect(second.enrolled + second.before).toBe(3 * ones.length)
    expect(second.before).toBeGreaterThanOrEqual(first.enrolled)
    const already = new AbortController()
    already.abort()
    expect(await take({}, { signal: already.signal })).toMatchObject({
      enrolled: 0,
      finished: false,
    })
  })
})

describe('a CompreFace that does not answer as it should', () => {
  const source = (message: RegExp) => ({
    code: 'GALLERY_SOURCE',
    message: expect.stringMatching(message),
  })

  it('is asked again, and then told', async () => {
    const id = fake.add('Ada', ones[0]!)
    for (const [path, does] of [
      ['/subjects', answer(500)],
      ['/subjects', cut],
      ['/faces', answer(503)],
      ['/faces', stall],
      [`/faces/${id}/img`, answer(429)],
      [`/faces/${id}/img`, cut],
    ] as const) {
      await gallery.deleteFaces([id])
      fake.mischief.set(path, { does, times: 1 })
      expect(await take({}, { timeout: 300 })).toMatchObject({ enrolled: 1, skipped: [] })
    }
    await gallery.deleteFaces([id])
    for (const [path, does, message] of [
      ['/subjects', answer(500, '{"message":"down"}'), /500: down/],
      ['/subjects', stall, /does not answer/],
      ['/subjects', cut, /does not answer/],
      ['/subjects', answer(200, '<html>'), /no JSON/],
      ['/subjects', answer(200, 'null'), /no JSON/],
      ['/subjects', answer(200, '{"subjects":[1]}'), /no list of subjects/],
      ['/subjects', answer(200, '[]'), /no list of subjects/],
      ['/subjects', answer(302, '', { location: 'http://127.0.0.1:1/' }), /does not answer/],
      [
        '/faces',
        answer(200, '{"faces":[{"image_id":1}],"total_pages":1,"total_elements":1}'),
        /no page/,
      ],
      ['/faces', answer(200, '{"faces":[],"total_pages":-1,"total_elements":0}'), /no page/],
      ['/faces', answer(200, '{"faces":"many"}'), /no page/],
      [`/faces/${id}/img`, stall, /does not answer/],
    ] as const) {
      fake.mischief.clear()
      fake.mischief.set(path, { does, times: 9 })
      await expect(take({}, { timeout: 100 })).rejects.toMatchObject(source(message))
    }
    expect(await gallery.count()).toMatchObject({ faces: 0 })
  }, 60_000)

  it('keeps nobody from the others by one picture, and is given up after many', async () => {
    const ids = ones.map((picture, i) => fake.add(`person ${i}`, picture))
    fake.mischief.set(`/faces/${ids[3]}/img`, { does: answer(404, '{"message":"gone"}'), times: 9 })
    const result = await take()
    expect(result).toMatchObject({ enrolled: ones.length - 1 })
    expect(result.skipped).toEqual([
      { subject: 'person 3', face: ids[3], reason: 'it answers 404: gone' },
    ])
    await gallery.delete((await gallery.people()).map(({ name }) => name))
    for (const id of ids) fake.mischief.set(`/faces/${id}/img`, { does: answer(403), times: 99 })
    await expect(take()).rejects.toMatchObject(source(/last 10 pictures/))
  })

  it('is nowhere, knows no such key, or says of pages without end', async () => {
    await expect(take({}, { key: 'none' })).rejects.toMatchObject(source(/404.*API Key/))
    await expect(take({}, { url: 'http://127.0.0.1:1' })).rejects.toMatchObject(
      source(/^http:\/\/127.0.0.1:1: it does not answer/),
    )
    for (const url of ['', 'compreface', 'file:///etc', 'ftp://x'])
      await expect(take({}, { url })).rejects.toMatchObject({ code: 'GALLERY_USE' })
    const face = { image_id: fake.add('Ada', ones[0]!), subject: 'Ada' }
    const endless = { faces: [face], total_pages: 1e9, total_elements: 1e9 }
    fake.mischief.set('/faces', { does: answer(200, JSON.stringify(endless)), times: 99 })
    expect(await take()).toMatchObject({ faces: 1, enrolled: 1 })
  })

  it('never has its key in a message', async () => {
    fake.mischief.set('/subjects', { does: answer(500), times: 9 })
    const error = await take().catch((one: Error) => one)
    expect(String((error as Error).message)).not.toContain(fake.key)
  })
})
