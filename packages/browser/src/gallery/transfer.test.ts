import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  exportedModel,
  exportGallery,
  type Gallery,
  importGallery,
  openGallery,
} from '@arcface/gallery'
import { face } from '@arcface/testing'
import { chromium } from '@arcface/testing/chromium'
import type { GalleryModel } from '@arcface/vision'
import { afterAll, describe, expect, it } from 'vitest'
import { beforeEachTab, DIM, OTHER, type Tab, type Tabs } from '../testing/tabs.js'

const FILL = `
  await gallery.addPeople([{ name: 'Nobody', groups: ['b', 'a'], metadata: { n: [1, null] }, added: new Date('2001-02-03T04:05:06.789Z'), retainUntil: new Date(2e12) }])
  await gallery.add(Array.from({ length: 30 }, (_, i) => ({
    id: 'f-' + i, person: 'p\u{1f469} ' + (i % 4), embedding: face(i), groups: ['g'], metadata: { i }, consent: { basis: 'law', at: new Date(i), ...(i % 2 && { evidence: 'form ' + i, expires: new Date(1e12 + i) }) }, added: new Date(1e12 + i),
    ...(i % 2 && { source: 'photo ' + i, thumbnail: new Uint8Array(i * 1000).fill(i) }), ...(i % 3 && { photo: i.toString(16).padStart(64, '0') }),
  })))`

/** All that is in a gallery, the same of Node's and of a page's; runs in both. */
const everything = async (
  gallery: Pick<Gallery, 'people' | 'faces' | 'thumbnails' | 'identifyMany'>,
  probes: number[][],
) => {
  const people = await gallery.people()
  const faces = (await Promise.all(people.map(({ name }) => gallery.faces(name)))).flat()
  const pictures = await gallery.thumbnails(faces.map(({ id }) => id))
  const found = await gallery.identifyMany(
    probes.map((one) => Float32Array.from(one)),
    { top: 9 },
  )
  return {
    people,
    faces,
    pictures: [...pictures].map(([id, bytes]) => [id, bytes.length, bytes[0]]).sort(),
    found: found.map(({ matches }) =>
      matches.map(({ name, face, similarity }) => [name, face, similarity.toFixed(5)]),
    ),
  }
}

describe.skipIf(!chromium)('exports of a page and of Node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'transfer-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const probes = [0, 7, 100].map((seed) => Array.from(face(DIM, seed)))
  let tabs: Tabs
  let tab: Tab
  beforeEachTab((opened, first) => {
    ;[tabs, tab] = [opened, first]
  })
  const inPage = (of: Tab) => of.run<object>(`return (${everything})(gallery, given)`, probes)
  const exported = (of: Tab) => of.run<string>('return (await gallery.export()).text()')

  it('are each read by the other, and the same bytes', async () => {
    await tab.run(FILL)
    const text = await exported(tab)
    const file = join(folder, 'page.jsonl')
    writeFileSync(file, text)
    const node = await openGallery(join(folder, 'node'), { model: await exportedModel(file) })
    expect(await importGallery(node, file)).toBe(30)
    const there = await everything(node, probes)
    expect(JSON.parse(JSON.stringify(there))).toEqual(JSON.parse(JSON.stringify(await inPage(tab))))
    const back = join(folder, 'node.jsonl')
    await exportGallery(node, back)
    await node.close()
    const bytes = readFileSync(back, 'utf8')
    expect(bytes).toBe(text)
    // Into a gallery with another key, as a text and as a file, and only once.
    await tab.run('await gallery.destroy()')
    const told = await tab.run(
      `const told = []
      const counts = [await gallery.import(given, { onProgress: (done) => told.push(done) }), await gallery.import(new File([given], 'again.jsonl'))]
      return { counts, last: told.at(-1) }`,
      bytes,
    )
    expect(told).toEqual({ counts: [30, 0], last: 30 })
    expect(JSON.parse(JSON.stringify(await inPage(tab)))).toEqual(JSON.parse(JSON.stringify(there)))
    expect(await exported(tab)).toBe(bytes)
  }, 90_000)

  it('of an older format are read, with names that may not be stored any more written out', async () => {
    const { model } = await tab.run<{ model: GalleryModel }>('return gallery.stats()')
    const row = {
      id: 'f-1',
      person: 'A\u200bda',
      groups: ['y\u202e'],
      metadata: 'text',
      source: null,
      embedding: probes[0],
      thumbnail: null,
    }
    const old = [{ gallery: { format: 1, model } }, row]
      .map((one) => `${JSON.stringify(one)}\n`)
      .join('')
    expect(
      await tab.run('await gallery.import(given); return gallery.people()', old),
    ).toMatchObject([
      { name: 'A\\u{200b}da', groups: ['y\\u{202e}'], metadata: { value: 'text' }, faces: 1 },
    ])
  }, 60_000)

  it('that were cut or changed are refused before anything is added', async () => {
    await tab.run(FILL)
    const whole = await exported(tab)
    await tab.run('await gallery.destroy()')
    const lines = whole.split(/(?<=\n)/)
    const changed = (at: number, how: (row: Record<string, unknown>) => object) =>
      lines
        .map((line, i) => (i === at ? `${JSON.stringify(how(JSON.parse(line)))}\n` : line))
        .join('')
    const wrong: [string, RegExp][] = [
      [lines.slice(0, -1).join(''), /holds 30 rows of the 31/],
      [whole.slice(0, -1), /holds 30 rows of the 31/],
      [whole.slice(0, -2000), /holds \d+ rows of the 31/],
      [whole + lines[3], /holds 32 rows/],
      [lines.slice(1).join(''), /no header/],
      [
        changed(0, ({ gallery }) => ({ gallery: { ...(gallery as object), format: 9 } })),
        /format 9/,
      ],
      ['', /is empty/],
      ['not json\n', /line 1: no JSON/],
      [changed(2, (row) => ({ ...row, embedding: [1, 'x'] })), /row 2: embedding/],
      [changed(2, (row) => ({ ...row, added: 'yesterday' })), /row 2: added: no date/],
      [changed(3, (row) => ({ ...row, thumbnail: '%' })), /no base64/],
    ]
    for (const [text, message] of wrong) {
      const error = { code: 'BROWSER_GALLERY_FORMAT', message: expect.stringMatching(message) }
      expect(await tab.run('return gallery.import(given)', text)).toMatchObject(error)
    }
    for (const embedding of [Array(127).fill(0.1), Array(128).fill(1)])
      expect(
        await tab.run(
          'return gallery.import(given)',
          changed(2, (row) => ({ ...row, embedding })),
        ),
      ).toMatchObject({
        code: 'BROWSER_GALLERY_EMBEDDING',
        message: expect.stringMatching(/row 2: /),
      })
    expect(await tab.run('return gallery.import(7)')).toMatchObject({ code: 'BROWSER_USE' })
    expect(await tab.run('return gallery.stats()')).toMatchObject({ people: 0, faces: 0 })
    const other = await tabs.open("gallery: { name: 'other' }", OTHER)
    expect(await other.run('return gallery.import(given)', whole)).toMatchObject({
      code: 'BROWSER_GALLERY_MODEL',
    })
  }, 60_000)

  it('end with the reason of their signal', async () => {
    await tab.run(FILL)
    const ended = await tab.run(
      `const text = await (await gallery.export()).text()
      return gallery.import(text, { signal: AbortSignal.abort(new RangeError('enough')) })`,
    )
    expect(ended).toMatchObject({ name: 'RangeError', message: 'enough' })
  })
})
