import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { enrollPhoto, identifyPhoto, openGalleryOf } from '@arcface/gallery'
import { Recognizer } from '@arcface/recognize'
import { randomDetector, randomEmbedder } from '@arcface/testing'
import { chromium } from '@arcface/testing/chromium'
import { type IdentifiedFace, Random } from '@arcface/vision'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { beforeEachTab, type Tab, type Tabs } from '../testing/tabs.js'

/** No pair has shown them: what counts is how they are used. */
const THRESHOLDS = { source: 'these pairs', cosine: { '1e-1': 0.2, '1e-2': 0.3, '1e-3': 0.4 } }
const OPENING = { quality: false, thresholds: THRESHOLDS } as const

describe.skipIf(!chromium)('enrol and identify photographs in a page, in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'people-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  /** PNGs in base64, which go into a page. */
  const photos: string[] = []
  let node: Recognizer
  beforeAll(async () => {
    for (let i = 0; i < 5; i++) {
      const [random, width, height] = [new Random(i), 320, 240]
      // Noise is full of what the detector of random weights takes for faces.
      const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.below(256))
      const png = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer()
      photos.push(png.toString('base64'))
    }
    const [detector, model] = [join(folder, 'detector.onnx'), join(folder, 'embedder.onnx')]
    writeFileSync(detector, randomDetector())
    writeFileSync(model, randomEmbedder())
    node = await Recognizer.open({ detector, model, ...OPENING })
  })
  afterAll(() => node?.close())
  let tabs: Tabs
  let tab: Tab
  beforeEachTab(
    (opened, first) => {
      ;[tabs, tab] = [opened, first]
    },
    JSON.stringify(OPENING).slice(1, -1),
  )

  /** Statements before others, which then have the photographs. */
  const PHOTOS = `const photos = given.photos.map((one) => new File([Uint8Array.fromBase64?.(one) ?? Uint8Array.from(atob(one), (c) => c.charCodeAt(0))], 'x.png'));`
  const run = <T>(statements: string, of = tab) => of.run<T>(`${PHOTOS} ${statements}`, { photos })
  const bytes = (i: number) => new Uint8Array(Buffer.from(photos[i]!, 'base64'))

  it('decides as Node: who, above which threshold, at which rate, among how many', async () => {
    const gallery = await openGalleryOf(node, join(folder, 'people'))
    for (const i of [0, 1, 2])
      await enrollPhoto(gallery, node, bytes(i), { person: `p${i}`, groups: i ? ['g'] : [] })
    await run(
      `for (const i of [0, 1, 2]) await recognizer.enroll(photos[i], { person: 'p' + i, groups: i ? ['g'] : [] })`,
    )
    const asked = [
      {},
      { top: 3, fpir: 0.3 },
      { far: 0.05, filter: { groups: ['g'] } },
      { threshold: -1, top: 2 },
      { far: 1e-9 },
    ]
    for (const options of asked)
      for (const i of [0, 3]) {
        const expected = await identifyPhoto(gallery, node, bytes(i), options)
        const found = await run<IdentifiedFace[]>(
          `return recognizer.identify(photos[${i}], ${JSON.stringify(options)})`,
        )
        expect(expected.length).toBeGreaterThan(0)
        expect(found.map(decision)).toEqual(expected.map(decision))
      }
    await gallery.close()
  }, 120_000)

  /** But the pixels, which the golden compares. */
  const decision = ({
    threshold,
    far,
    fpir,
    source,
    warning,
    searched,
    matches,
  }: IdentifiedFace) => ({
    ...{ threshold, far, fpir, source, warning, searched },
    matches: matches.map(({ name, groups, similarity }) => [name, groups, similarity.toFixed(3)]),
  })

  it('knows a file that is there, keeps its picture, and refuses what is no face to go by', async () => {
    const found = await run(`
      const first = await recognizer.enroll(photos[0], { person: 'Ada', source: 'one' }, { thumbnails: true })
      const again = await recognizer.enroll(await photos[0].arrayBuffer(), { person: 'Ada' })
      const shown = await recognizer.enroll(await createImageBitmap(photos[1]), { person: 'Ada' })
      const picture = await createImageBitmap(new Blob([await gallery.thumbnail(first.id)]))
      return { same: first.id === again.id, again: again.added, shown: shown.added, faces: await gallery.faces('Ada'), side: picture.width }`)
    expect(found).toMatchObject({
      same: true,
      again: false,
      shown: true,
      side: 112,
      faces: { length: 2 },
    })
    const { faces } = found as { faces: { source: string | null; photo: string | null }[] }
    const one = faces.find(({ source }) => source === 'one')
    const { createHash } = await import('node:crypto')
    expect(one!.photo).toBe(createHash('sha256').update(bytes(0)).digest('hex'))
    expect(faces.find(({ source }) => source === null)!.photo).toBeNull()
    const refusals: [string, object][] = [
      [
        `recognizer.enroll(photos[2], { person: 'Bob' }, { quality: { eyes: 1000 } })`,
        { code: 'VISION_POOR_FACE', message: expect.stringMatching(/^x\.png: the face is small/) },
      ],
      [`recognizer.enroll(photos[2], { person: '' })`, { code: 'BROWSER_GALLERY_NAME' }],
      [`recognizer.enroll(photos[2], { name: 'Bob' })`, { code: 'BROWSER_USE' }],
      [`recognizer.enroll(photos[2], { person: 'Bob' }, { faces: 'all' })`, { code: 'VISION_USE' }],
      [`recognizer.identify(photos[2], { far: 0.1, fpir: 0.1 })`, { code: 'VISION_USE' }],
      [
        `recognizer.identify(photos[2], { tops: 1 })`,
        { code: 'VISION_USE', message: expect.stringContaining('tops') },
      ],
    ]
    for (const [call, error] of refusals) expect(await run(`return ${call}`)).toMatchObject(error)
    expect(await run('return gallery.stats()')).toMatchObject({ people: 1, faces: 2 })
    // A rejected face is nobody's, also whose it is.
    const poor = await run<IdentifiedFace[]>(
      'return recognizer.identify(photos[0], { threshold: -1, quality: { eyes: 1000 } })',
    )
    expect(poor[0]).toMatchObject({
      rejected: expect.arrayContaining(['small']),
      matches: [],
      searched: { faces: 2 },
    })
  }, 60_000)

  it('does what the page on it shows, also behind a passphrase', async () => {
    const shown = await run('return example.keepPeople(recognizer, photos[0], photos[0])')
    expect(shown).toMatchObject({ added: true, picture: expect.anything(), more: [], read: 0 })
    expect(shown).toMatchObject({
      faces: expect.arrayContaining([
        expect.objectContaining({ searched: { people: 1, faces: 1 } }),
      ]),
    })
    expect(await run('return gallery.stats()')).toMatchObject({ people: 0, faces: 0 })
    const behind = (passphrase: string) =>
      run(`
        const staff = await example.openStaff('${passphrase}', { detector: 'models/detector.onnx', embedder: 'models/embedder.onnx' })
        try { return await staff.gallery.addPeople([{ name: 'Ada' }]) } finally { await staff.close() }`)
    expect(await behind('correct horse')).toBe(1)
    expect(await behind('correct horse')).toBe(0)
    expect(await behind('wrong horse')).toMatchObject({ code: 'BROWSER_GALLERY_KEY' })
  }, 60_000)

  it('has no gallery where none is wanted, and stores nothing before it is asked to', async () => {
    const none = await tabs.open('gallery: false, quality: false')
    expect(await run('return recognizer.enroll(photos[0], { person: "Ada" })', none)).toMatchObject(
      { code: 'BROWSER_USE' },
    )
    await run('await recognizer.embed(photos[0]); await recognizer.verify(photos[0], photos[1])')
    expect(await run('return (await indexedDB.databases()).length')).toBe(0)
    // Without thresholds nobody is called the same, and a warning says why.
    const [face] = await run<IdentifiedFace[]>(`
      const other = await arcface.Recognizer.open({ models: { detector: 'models/detector.onnx', embedder: 'models/embedder.onnx' }, quality: false })
      await other.enroll(photos[0], { person: 'Ada' })
      return other.identify(photos[0])`)
    expect(face).toMatchObject({
      threshold: null,
      matches: [],
      warning: expect.stringContaining('names no threshold'),
    })
  }, 60_000)
})
