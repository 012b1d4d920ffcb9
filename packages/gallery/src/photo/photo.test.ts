import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PreprocessingInput, Thresholds } from '@arcface/onnx'
import { Recognizer } from '@arcface/recognize'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gallery } from '../gallery/gallery.js'
import { clusterPhotos } from './cluster.js'
import { enrollPhoto } from './enroll.js'
import { facesOf } from './faces-of.js'
import { identifyPhoto } from './identify.js'
import { openGalleryOf } from './open.js'
import { verifyPerson } from './verify.js'

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'identify-'))
afterAll(() => rmSync(room, { recursive: true }))

describe.skipIf(!existsSync(shared))('identify, with photographs of ../shared', () => {
  const photos = join(shared, 'faces/photos')
  const model = join(shared, 'models/MobileFaceNet.onnx')
  const detector = join(shared, 'models/yunet_s_640_640.onnx')
  const preprocessing: PreprocessingInput = {
    range: 1,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  }
  const people = existsSync(photos) ? readdirSync(photos).sort() : []
  const photo = (person: string, i: number) =>
    join(photos, person, readdirSync(join(photos, person)).sort()[i]!)
  // Cosines that this model is far from having measured: what counts is how they are used.
  const thresholds = { source: 'these pairs', cosine: { '1e-1': 0.2, '1e-2': 0.3, '1e-3': 0.4 } }
  const open = (own: { thresholds?: Thresholds } = {}) =>
    Recognizer.open({ model, detector, preprocessing, ...own })
  let recognizer: Recognizer
  let gallery: Gallery
  beforeAll(async () => {
    recognizer = await open({ thresholds })
    gallery = await openGalleryOf(recognizer, join(room, 'people'))
    for (const [i, person] of people.slice(0, 4).entries())
      for (const k of [0, 1])
        await enrollPhoto(gallery, recognizer, photo(person, k), {
          person,
          groups: i === 0 ? ['staff'] : [],
        })
  })
  afterAll(async () => {
    await gallery.close()
    await recognizer.close()
  })

  it('goes by FPIR 1e-2 and the faces searched, and says so', async () => {
    const [one] = await identifyPhoto(gallery, recognizer, photo(people[0]!, 2))
    // 1 - 0.99^(1/8) of a comparison, between 1e-2 and 1e-3.
    const far = 1 - 0.99 ** (1 / 8)
    expect(one).toMatchObject({ fpir: 0.01, source: 'these pairs', warning: null })
    expect(one!.searched).toEqual({ people: 4, faces: 8 })
    expect(one!.far).toBeCloseTo(far, 12)
    expect(one!.threshold).toBeCloseTo(0.3 + 0.1 * Math.log10(0.01 / far), 9)
    expect(one!.matches.map(({ name }) => name)).toEqual([people[0]])
    const staff = { filter: { groups: ['staff'] }, fpir: 0.1 }
    const [few] = await identifyPhoto(gallery, recognizer, photo(people[0]!, 2), staff)
    expect(few!.searched).toEqual({ people: 1, faces: 2 })
    expect(few!.threshold).toBeLessThan(one!.threshold!)
  })

  it('says how likely it is who it should be, the less so the more faces could be alike', async () => {
    const calibration = {
      method: 'logistic' as const,
      prior: 0.5,
      points: [[0, -5] as [number, number], [1, 10] as [number, number]],
      measured: {
        source: 's',
        people: 9,
        images: 9,
        genuine: 9,
        impostors: 9,
        cllr: 0,
        minCllr: 0,
      },
    }
    const calibrated = await open({ thresholds: { ...thresholds, calibration } })
    const [one, other] = [photo(people[0]!, 2), photo(people[0]!, 3)]
    const pair = await calibrated.verify(one, other)
    const ratio = Math.exp(15 * pair.similarity - 5)
    expect(pair.probability).toBeCloseTo(ratio / (1 + ratio), 9)
    // Two faces of the person are in the gallery.
    const person = await verifyPerson(gallery, calibrated, one, people[0]!)
    expect(person.faces).toBe(2)
    const half = Math.exp(15 * person.similarity - 5) / 2
    expect(person.likelihoodRatio! / half).toBeCloseTo(1, 9)
    expect(person.probability).toBeCloseTo(half / (1 + half), 9)
    const [found] = await identifyPhoto(gallery, calibrated, one)
    expect(found).not.toHaveProperty('probability')
    expect(await recognizer.verify(one, other)).not.toHaveProperty('probability')
    await calibrated.close()
  })

  it('takes one of threshold, far and fpir', async () => {
    const stranger = photo(people[5]!, 0)
    const [nearest] = await identifyPhoto(gallery, recognizer, stranger, { threshold: -1 })
    expect(nearest).toMatchObject({ threshold: -1, far: null, fpir: null, warning: null })
    expect(nearest!.matches).toHaveLength(1)
    for (const wrong of [
      { threshold: Number.NaN },
      { threshold: 2 },
      { far: 0 },
      { fpir: 1 },
      { far: 0.1, fpir: 0.1 },
    ])
      await expect(identifyPhoto(gallery, recognizer, stranger, wrong)).rejects.toMatchObject({
        code: 'VISION_USE',
      })
    await expect(recognizer.verify(stranger, stranger, { threshold: 2 })).rejects.toMatchObject({
      code: 'VISION_USE',
    })
  })

  it.each([
    {},
    'x',
    { source: 'x', cosine: { '1e-3': 9 } },
    { source: 'x', cosine: { '1e-3': '0.3' } },
  ])('does not open with thresholds %o', async (wrong) => {
    await expect(open({ thresholds: wrong as never })).rejects.toMatchObject({
      code: 'ONNX_BAD_METADATA',
    })
  })

  it('clusters who is unknown, counts who is known, and skips what shows nobody', async () => {
    const of = (i: number) => [0, 1, 2].map((k) => photo(people[i]!, k))
    const paths = [photo(people[0]!, 2), ...of(6), ...of(7), join(room, 'none.jpg')]
    writeFileSync(join(room, 'none.jpg'), 'no picture')
    const told: number[] = []
    const { known, clusters, skipped, threshold } = await clusterPhotos(
      gallery,
      recognizer,
      paths,
      {
        threshold: 0.3,
        onProgress: (done) => told.push(done),
      },
    )
    expect({ known, threshold }).toEqual({ known: 1, threshold: 0.3 })
    const persons = clusters.map((cluster) => [...new Set(cluster.map((path) => dirname(path)))])
    for (const owners of persons) expect(owners).toHaveLength(1)
    expect(new Set(clusters.flat())).toEqual(new Set([...of(6), ...of(7)]))
    expect(skipped.at(-1)).toEqual({
      photo: join(room, 'none.jpg'),
      reason: expect.stringContaining('cannot be read'),
    })
    // Of faces behind the person.
    for (const { reason } of skipped.slice(0, -1)) expect(reason).toMatch(/^a face is \w+ \(/)
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    const signal = AbortSignal.abort(new Error('enough'))
    const ended = clusterPhotos(gallery, recognizer, paths, { threshold: 0.3, signal })
    await expect(ended).rejects.toThrow('enough')
  })

  it('names nobody with a model without thresholds, as verify gives no verdict', async () => {
    const bare = await open()
    const own = await openGalleryOf(bare, join(room, 'people'))
    const known = photo(people[0]!, 2)
    const [face] = await identifyPhoto(own, bare, known)
    expect(face).toMatchObject({ threshold: null, far: null, fpir: null, matches: [] })
    expect(face!.searched).toEqual({ people: 4, faces: 8 })
    expect(face!.warning).toMatch(/names no threshold/)
    const verdict = await bare.verify(known, known)
    expect(verdict).toMatchObject({ same: null, threshold: null, warning: face!.warning })
    const [given] = await identifyPhoto(own, bare, known, { threshold: 0.3 })
    expect(given!.matches[0]?.name).toBe(people[0])
    await expect(identifyPhoto(own, bare, known, { fpir: 0.01 })).rejects.toMatchObject({
      code: 'VISION_USE',
    })
    await own.close()
    await bare.close()
  })

  it('enrols and names no face that is too small to be told', async () => {
    const tiny = await sharp(photo(people[0]!, 0)).resize({ height: 40 }).png().toBuffer()
    const [small] = await recognizer.embed(tiny, { faces: 'largest' })
    const gallery = await openGalleryOf(recognizer, join(room, 'poor'))
    const poor = { code: 'VISION_POOR_FACE', message: expect.stringMatching(/small/) }
    await expect(enrollPhoto(gallery, recognizer, tiny, { person: 'Ada' })).rejects.toMatchObject(
      poor,
    )
    const path = join(room, 'tiny.png')
    writeFileSync(path, tiny)
    expect(await facesOf(recognizer)([path])).toEqual([
      { skipped: expect.stringMatching(/small \(\d+ pixels/) },
    ])
    const enrolling = () =>
      enrollPhoto(gallery, recognizer, tiny, { person: 'Ada' }, { quality: false })
    const { id, added } = await enrolling()
    expect(added).toBe(true)
    expect(await enrolling()).toEqual({ id, added: false, replaced: [] })
    const identify = (options = {}) =>
      identifyPhoto(gallery, recognizer, tiny, { threshold: -1, ...options })
    expect(await identify()).toMatchObject([{ matches: [], rejected: small!.rejected }])
    expect(await identify({ quality: false })).toMatchObject([{ matches: [{ face: id }] }])
    await gallery.close()
  })

  it('gives for a folder the faces of photographs, or why there is none', async () => {
    const one = photo(people[0]!, 0)
    const [face] = await recognizer.embed(one, { faces: 'largest', thumbnails: true })
    const [found] = await facesOf(recognizer, { thumbnails: true })([one])
    expect(found).toEqual({ embedding: face!.embedding, thumbnail: face!.thumbnail })
    const left = await sharp(one).resize({ height: 300 }).toBuffer()
    const right = await sharp(photo(people[1]!, 0)).resize({ height: 300 }).toBuffer()
    const both = join(room, 'both.png')
    await sharp(left)
      .extend({ right: (await sharp(right).metadata()).width })
      .composite([{ input: right, left: (await sharp(left).metadata()).width, top: 0 }])
      .toFile(both)
    const [alone, skipped] = await facesOf(recognizer, { faces: 'only' })([one, both])
    expect(alone).toHaveProperty('embedding')
    expect(skipped).toEqual({ skipped: expect.stringContaining('2 faces') })
  })
})
