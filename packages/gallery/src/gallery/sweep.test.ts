import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { describe, expect, it } from 'vitest'
import { filesBelow, holdsBytes } from '../testing/files.js'
import { beforeEachGallery } from '../testing/fresh.js'
import { testModel } from '../testing/model.js'
import { Leavings } from '../upkeep/leavings.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 32

let here: string
let gallery: Gallery
beforeEachGallery(DIM, (opened, folder) => {
  gallery = opened
  here = folder
})

const HOUR = 3_600_000
const now = Date.now()
const at = (hours: number) => new Date(now + hours * HOUR)
const picture = (seed: number) => Uint8Array.from({ length: 400 }, (_, i) => (i * i * seed) % 251)

/** Of each kind somebody, and who of them is due in an hour. */
async function fill(): Promise<void> {
  const consent = { basis: 'consent', at: at(-48) }
  await gallery.enroll([
    { person: 'kept', embedding: face(DIM, 1) },
    { person: 'agreed', embedding: face(DIM, 2), consent },
    { person: 'later', embedding: face(DIM, 3), consent: { ...consent, expires: at(2) } },
    { person: 'expired', embedding: face(DIM, 4), consent: { ...consent, expires: at(-1) } },
    {
      ...{ person: 'over', embedding: face(DIM, 5), thumbnail: picture(5), retainUntil: at(-2) },
      consent: { ...consent, expires: at(9) },
    },
    { person: 'over', embedding: face(DIM, 6) },
  ])
  await gallery.addPeople([{ name: 'faceless', retainUntil: at(-3) }])
}

const names = async () => (await gallery.people()).map(({ name }) => name)

describe('a sweep', () => {
  it('tells who is due, by what and since when, and erases them alone, bytes and all', async () => {
    await fill()
    const due = [
      { name: 'faceless', faces: 0, at: at(-3), by: 'retention' },
      { name: 'over', faces: 2, at: at(-2), by: 'retention' },
      { name: 'expired', faces: 1, at: at(-1), by: 'consent' },
    ]
    expect(await gallery.sweep({ dryRun: true })).toMatchObject({ due, erasure: null })
    expect(await names()).toHaveLength(6)
    const { due: told, erasure } = await gallery.sweep()
    expect(told).toEqual(due)
    expect(await names()).toEqual(['agreed', 'kept', 'later'])
    for (const secret of [face(DIM, 4), face(DIM, 5), face(DIM, 6), picture(5)])
      expect(holdsBytes(here, secret)).toBe(false)
    expect(holdsBytes(here, face(DIM, 3))).toBe(true)
    expect(erasure).toMatchObject({
      people: [
        { name: 'faceless', faces: 0, pictures: 0 },
        { name: 'over', faces: 2, pictures: 1 },
        { name: 'expired', faces: 1, pictures: 0 },
      ],
      method: 'files rewritten',
      searched: { people: 6, faces: 6 },
      found: { people: 0, faces: 0, secrets: 0 },
    })
    const files = filesBelow(join(here, 'gallery'))
    // But the lock, which is gone by now.
    expect(erasure!.searched.files).toBeGreaterThanOrEqual(files.length)
    expect(await gallery.sweep()).toMatchObject({ due: [], erasure: null })
  })

  it('of several processes at once erases each person once, and of one beside searches nobody is half there', async () => {
    await fill()
    const others = await Promise.all(
      [1, 2].map(() => openGallery(join(here, 'gallery'), { model: testModel(DIM) })),
    )
    let isOver = false
    const probes = [1, 2, 3, 4, 5, 6].map((seed) => face(DIM, seed))
    const searching = (async () => {
      const seen = new Set<string>()
      while (!isOver)
        for (const { matches } of await gallery.identifyMany(probes, { threshold: 0.9 }))
          for (const { name, similarity } of matches) {
            expect(similarity).toBeGreaterThan(0.999)
            seen.add(name)
          }
      return seen
    })()
    const swept = await Promise.all(others.map((one) => one.sweep()))
    isOver = true
    const seen = await searching
    for (const name of ['kept', 'agreed', 'later']) expect(seen).toContain(name)
    const erased = swept.flatMap(({ erasure }) => erasure?.people ?? [])
    expect(erased.map(({ name }) => name).sort()).toEqual(['expired', 'faceless', 'over'])
    const after = await gallery.identifyMany(probes, { threshold: 0.9 })
    expect(after.map(({ matches }) => matches[0]?.name)).toEqual([
      'kept',
      'agreed',
      'later',
      undefined,
      undefined,
      undefined,
    ])
    await Promise.all(others.map((one) => one.close()))
  })

  it('passes over who was given more time meanwhile', async () => {
    await fill()
    await gallery.describe('expired', { consent: { basis: 'consent', at: at(0), expires: at(99) } })
    await gallery.describe('over', { retainUntil: null })
    expect((await gallery.sweep()).due.map(({ name }) => name)).toEqual(['faceless'])
  })

  it.each([
    ['that went back', {}, -1],
    ['that went back long ago', { added: at(24 * 365) }, 0],
  ])('by a clock %s is refused, and nobody is erased', async (_, more, hours) => {
    await fill()
    await gallery.addPeople([{ name: 'new', ...more }])
    for (const dryRun of [true, false])
      await expect(gallery.sweep({ now: at(hours), dryRun })).rejects.toMatchObject({
        code: 'GALLERY_CLOCK',
      })
    expect(await names()).toHaveLength(7)
    const { due } = await gallery.sweep({ now: at(hours), trustClock: true })
    expect(due).toHaveLength(3)
    expect(await names()).toEqual(['agreed', 'kept', 'later', 'new'])
  })

  it('of an encrypted gallery destroys the keys, and no file has what they sealed', async () => {
    const file = join(here, 'key')
    writeFileSync(file, Buffer.alloc(32, 7).toString('base64'))
    await gallery.close()
    gallery = await openGallery(join(here, 'encrypted'), {
      ...{ model: testModel(DIM), key: { file } },
    })
    await fill()
    const { due, erasure } = await gallery.sweep()
    expect(due.map(({ name }) => name)).toEqual(['faceless', 'over', 'expired'])
    expect(erasure).toMatchObject({
      method: 'key destroyed',
      found: { people: 0, faces: 0, secrets: 0 },
    })
    expect(await names()).toEqual(['agreed', 'kept', 'later'])
    const { consent } = await gallery.person('agreed')
    expect(consent).toEqual({ basis: 'consent', at: at(-48) })
    await gallery.close()
  })

  it('does not take a date for one that is none', async () => {
    const code = { code: 'GALLERY_USE' }
    await expect(gallery.sweep({ now: new Date('x') })).rejects.toMatchObject(code)
    await expect(gallery.sweep({ dryrun: true } as object)).rejects.toMatchObject(code)
  })
})

it('an erasure tells what is left of somebody: not what another was enrolled with too', async () => {
  await gallery.enroll([
    { person: 'Ada', embedding: face(DIM, 1), thumbnail: picture(1) },
    { person: 'Ada', embedding: face(DIM, 2), thumbnail: picture(2) },
    { person: 'Twin', embedding: face(DIM, 2), thumbnail: picture(2) },
  ])
  const copy = join(here, 'gallery/copied-by-somebody')
  writeFileSync(
    copy,
    Buffer.concat([Buffer.alloc((8 << 20) - 700), Buffer.from(face(DIM, 1).buffer), picture(1)]),
  )
  expect(statSync(copy).size).toBeLessThan(8 << 20)
  const { people, found } = await gallery.erase(['Ada'])
  expect(people).toEqual([{ name: 'Ada', faces: 2, pictures: 2 }])
  expect(found).toEqual({ people: 0, faces: 0, secrets: 2 })
  expect(await gallery.erase([])).toMatchObject({ people: [] })
})

it('what is searched for is found wherever it lies in a file, also across two pieces that are read', () => {
  const anchors = [1, 2, 3].map((seed) => Buffer.from(picture(seed).subarray(0, 16)))
  const leavings = new Leavings(anchors)
  const file = join(here, 'file')
  for (const [place, size] of [
    [0, 16],
    [(8 << 20) - 16, 9 << 20],
    [(8 << 20) - 7, 9 << 20],
    [8 << 20, 9 << 20],
    [(9 << 20) - 16, 9 << 20],
  ] as const) {
    const bytes = Buffer.alloc(size)
    anchors[1]!.copy(bytes, place)
    writeFileSync(file, bytes)
    expect([...leavings.in(file)]).toEqual([anchors[1]!.toString('hex')])
    writeFileSync(file, bytes.fill(0, place, place + 1))
    expect(readFileSync(file).includes(anchors[1]!.subarray(1))).toBe(true)
    expect([...leavings.in(file)]).toEqual(
      anchors[1]![0] === 0 ? [anchors[1]!.toString('hex')] : [],
    )
  }
})
