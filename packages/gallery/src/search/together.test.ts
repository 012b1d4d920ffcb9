import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { testModel } from '../testing/model.js'
import { Together } from './together.js'

const DIM = 16
const PEOPLE = 30

let folder: string
let gallery: Gallery
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'together-'))
  gallery = await openGallery(folder, { model: testModel(DIM) })
  await gallery.enroll(
    Array.from({ length: PEOPLE }, (_, i) => ({
      person: `p${i}`,
      groups: [i % 2 ? 'odd' : 'even'],
      embedding: face(DIM, i),
    })),
  )
})
afterAll(async () => {
  await gallery.close()
  rmSync(folder, { recursive: true })
})

it('gives each of many calls at once what it would get alone', async () => {
  const calls = Array.from({ length: 40 }, (_, i) => ({
    probes: Array.from({ length: 1 + (i % 4) }, (_, k) => face(DIM, 1000 + i * 10 + k)),
    options: {
      ...(i % 3 > 0 && { top: 1 + (i % 7) }),
      ...(i % 5 > 1 && { filter: { groups: [i % 2 ? 'odd' : 'even'] } }),
      ...(i % 4 === 1 && { threshold: 0.3 }),
      ...(i % 4 === 2 && { threshold: ({ faces }: { faces: number }) => faces / 100 }),
    },
  }))
  const alone = []
  for (const { probes, options } of calls) alone.push(await gallery.identifyMany(probes, options))
  expect(alone.flat().some(({ matches }) => matches.length > 1)).toBe(true)
  const together = await Promise.all(
    calls.map(({ probes, options }) => gallery.identifyMany(probes, options)),
  )
  // A product of more probes may differ in the last bit.
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value
  const text = (found: unknown) => JSON.stringify(found, rounded, 1)
  expect(text(together)).toBe(text(alone))
})

it('lets a call that fails fail alone', async () => {
  const failing = () => {
    throw new Error('no threshold')
  }
  const results = await Promise.allSettled(
    [undefined, failing, 0.5, failing].map((threshold, i) =>
      gallery.identify(face(DIM, i), threshold === undefined ? {} : { threshold }),
    ),
  )
  expect(results.map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'rejected',
  ])
})

it('sees in a call everything that was there when it was made', async () => {
  const searches = []
  for (let i = PEOPLE; i < PEOPLE + 10; i++) {
    await gallery.enroll([{ person: `p${i}`, embedding: face(DIM, i) }])
    searches.push(gallery.identify(face(DIM, i)).then(({ matches }) => matches[0]?.name))
  }
  expect(await Promise.all(searches)).toEqual(searches.map((_, i) => `p${PEOPLE + i}`))
})

it('does alone what comes alone, and together what comes meanwhile', async () => {
  const batches: number[][] = []
  const releases: (() => void)[] = []
  const together = new Together(async (probes: readonly number[]) => {
    batches.push([...probes])
    await new Promise<void>((resolve) => releases.push(resolve))
    if (probes.includes(13)) throw new Error('unlucky')
    return probes.map((one) => -one)
  })
  const large = Array.from({ length: 62 }, (_, i) => 100 + i)
  const calls = [[1], [2, 3], [4], large, [5, 6], [13]].map((probes) => together.run('a', probes))
  const other = together.run('b', [9])
  expect(batches).toEqual([[1], [9]])
  const settled = Promise.allSettled([...calls, other])
  for (let i = 0; i < 5; i++) {
    await new Promise(setImmediate)
    releases[i]?.()
  }
  expect((await settled).map((one) => ('value' in one ? one.value : 'failed'))).toEqual([
    [-1],
    [-2, -3],
    [-4],
    large.map((one) => -one),
    [-5, -6],
    'failed',
    [-9],
  ])
  expect(batches.slice(2)).toEqual([[2, 3, 4], [...large, 5, 6], [13]])
})
