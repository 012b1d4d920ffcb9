// The gallery of a page: times of a search, of writes, of the first call of a visit, and of an export, in milliseconds.
// node bench/browser-gallery.mjs [--sizes 10000,100000]
// Faces are random unit vectors of 512 numbers, two a person, each with a picture of 4 kB. search is the median of 9 searches
// for one face, search_5 for five at once; add_1000 is a call that adds so many, add_1 one that adds one.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { REPOSITORY } from '@arcface/testing'
import { buildPage, openChromium, serveSite } from '@arcface/testing/chromium'
import { record } from './harness.mjs'

const { values } = parseArgs({ options: { sizes: { type: 'string', default: '10000,100000' } } })

const MAIN = `
import { destroyGallery, GalleryStore } from '#gallery/store.js'
import { GalleryService } from '#gallery/service.js'
const model = { sha256: 'a'.repeat(64), name: 'bench', dim: 512, preprocessing: null }
const open = async () => new GalleryService(await GalleryStore.open(model, {}, () => {}))
const timed = async (work) => {
  const from = performance.now()
  await work()
  return performance.now() - from
}
const median = async (count, work) => {
  const times = []
  for (let i = 0; i < count; i++) times.push(await timed(work))
  return times.sort((a, b) => a - b)[count >> 1]
}
function face() {
  const vector = Float32Array.from({ length: 512 }, () => Math.random() - 0.5)
  const length = Math.hypot(...vector)
  return vector.map((value) => value / length)
}
let last = 0
const some = (count) =>
  Array.from({ length: count }, () => ({ person: 'p' + (last++ >> 1), embedding: face(), thumbnail: new Uint8Array(4000) }))

globalThis.measure = async (size) => {
  const writing = await open()
  const adding = []
  while (last < size) {
    const faces = some(1000)
    adding.push(await timed(() => writing.add(faces)))
  }
  const add_1000 = adding.sort((a, b) => a - b)[adding.length >> 1]
  const add_1 = await median(9, () => writing.add(some(1)))
  await writing.close()
  const gallery = await open()
  const first = await timed(() => gallery.count())
  const probes = Array.from({ length: 5 }, face)
  const search = await median(9, () => gallery.identify(probes[0]))
  const search_5 = await median(9, () => gallery.identifyMany(probes))
  const exporting = await timed(() => gallery.export())
  await gallery.close()
  await destroyGallery()
  last = 0
  const round = (value) => Number(value.toFixed(1))
  return { search: round(search), search_5: round(search_5), add_1: round(add_1), add_1000: round(add_1000), first: round(first), export: round(exporting) }
}`

const alias = { '#gallery': join(REPOSITORY, 'packages/browser/dist/gallery') }
const site = await serveSite(await buildPage({ 'main.js': MAIN }, { resolve: { alias } }))
const browser = await openChromium()
try {
  for (const faces of values.sizes.split(',').map(Number)) {
    const page = await browser.newPage()
    await page.goto(site.url)
    await page.waitForFunction('globalThis.measure')
    const row = {
      chromium: browser.version(),
      faces,
      ...(await page.evaluate(`measure(${faces})`)),
    }
    console.table(row)
    record('browser-gallery', row)
    await page.close()
  }
} finally {
  await browser.close()
  await site.close()
}
