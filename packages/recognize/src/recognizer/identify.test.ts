import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PreprocessingInput, Thresholds } from '@arcface/data/onnx'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Gallery } from '../gallery/gallery.js'
import { Recognizer } from './recognizer.js'

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
    gallery = await recognizer.openGallery(join(room, 'people'))
    for (const [i, person] of people.slice(0, 4).entries())
      for (const k of [0, 1])
        await recognizer.enroll(gallery, photo(person, k), {
          person,
          groups: i === 0 ? ['staff'] : [],
        })
  })
  afterAll(async () => {
    await gallery.close()
    await recognizer.close()
  })

  it('goes by FPIR 1e-2 and the faces searched, and says so', async () => {
    const [one] = await recognizer.identify(gallery, photo(people[0]!, 2))
    // 1 - 0.99^(1/8) of a comparison, between 1e-2 and 1e-3.
    const far = 1 - 0.99 ** (1 / 8)
    expect(one).toMatchObject({ fpir: 0.01, source: 'these pairs', warning: null })
    expect(one!.searched).toEqual({ people: 4, faces: 8 })
    expect(one!.far).toBeCloseTo(far, 12)
    expect(one!.threshold).toBeCloseTo(0.3 + 0.1 * Math.log10(0.01 / far), 9)
    expect(one!.matches.map(({ name }) => name)).toEqual([people[0]])
    const staff = { filter: { groups: ['staff'] }, fpir: 0.1 }
    const [few] = await recognizer.identify(gallery, photo(people[0]!, 2), staff)
    expect(few!.searched).toEqual({ people: 1, faces: 2 })
    expect(few!.threshold).toBeLessThan(one!.threshold!)
  })

  it('takes one of threshold, far and fpir', async () => {
    const stranger = photo(people[5]!, 0)
    const [nearest] = await recognizer.identify(gallery, stranger, { threshold: -1 })
    expect(nearest).toMatchObject({ threshold: -1, far: null, fpir: null, warning: null })
    expect(nearest!.matches).toHaveLength(1)
    for (const wrong of [
      { threshold: Number.NaN },
      { threshold: 2 },
      { far: 0 },
      { fpir: 1 },
      { far: 0.1, fpir: 0.1 },
    ])
      await expect(recognizer.identify(gallery, stranger, wrong)).rejects.toMatchObject({
        code: 'RECOGNIZE_USE',
      })
    await expect(recognizer.verify(stranger, stranger, { threshold: 2 })).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
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

  it('names nobody with a model without thresholds, as verify gives no verdict', async () => {
    const bare = await open()
    const own = await bare.openGallery(join(room, 'people'))
    const known = photo(people[0]!, 2)
    const [face] = await bare.identify(own, known)
    expect(face).toMatchObject({ threshold: null, far: null, fpir: null, matches: [] })
    expect(face!.searched).toEqual({ people: 4, faces: 8 })
    expect(face!.warning).toMatch(/names no threshold/)
    const verdict = await bare.verify(known, known)
    expect(verdict).toMatchObject({ same: null, threshold: null, warning: face!.warning })
    const [given] = await bare.identify(own, known, { threshold: 0.3 })
    expect(given!.matches[0]?.name).toBe(people[0])
    await expect(bare.identify(own, known, { fpir: 0.01 })).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
    })
    await own.close()
    await bare.close()
  })
})
