import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face, noisy } from '@arcface/testing'
import { expect, it } from 'vitest'
import { openGallery } from '../gallery/gallery.js'
import { storeOf } from '../gallery/reader.js'
import { filesBelow, holdsBytes } from '../testing/files.js'
import { testModel } from '../testing/model.js'

const DIM = 64
const EXACT_FACES = 10_000
const model = testModel(DIM)

it('small files are put together, whichever processes have written them', async () => {
  const path = mkdtempSync(join(tmpdir(), 'gallery-files-'))
  try {
    const faces = 100
    for (let i = 0; i < faces; i++) {
      const gallery = await openGallery(path, { model })
      await gallery.enroll([{ person: `p${i % 9}`, embedding: face(DIM, i) }])
      await gallery.close()
    }
    const gallery = await openGallery(path)
    const stats = await storeOf(gallery).read((tables) => tables.faces.stats())
    expect(stats.fragmentStats.numFragments).toBeLessThan(40)
    expect(await gallery.stats()).toMatchObject({ people: 9, faces })
    const { matches } = await gallery.identify(face(DIM, 50))
    expect(matches[0]).toMatchObject({ name: `p${50 % 9}` })
    await gallery.close()
  } finally {
    rmSync(path, { recursive: true })
  }
})

it('a bulk enrolment leaves little more than what its faces take, and who reads meanwhile does not mind', async () => {
  const path = mkdtempSync(join(tmpdir(), 'gallery-disk-'))
  const dim = 512
  try {
    const gallery = await openGallery(path, { model: { ...model, dim } })
    const reader = await openGallery(path)
    const [commits, size] = [100, 100]
    for (let i = 0; i < commits; i++) {
      const faces = Array.from({ length: size }, (_, k) => ({
        person: `p${k}`,
        embedding: face(dim, i * size + k),
        source: `${i}/${k}`,
      }))
      const [sources] = await Promise.all([reader.sources(), gallery.enroll(faces)])
      expect(sources.size % size).toBe(0)
    }
    const net = commits * size * dim * 4
    expect((await gallery.stats()).bytes).toBeLessThan(2 * net)
    await gallery.tidy()
    expect((await gallery.stats()).bytes).toBeLessThan(1.2 * net)
    expect(await reader.stats()).toMatchObject({ people: size, faces: commits * size })
    await reader.close()
    await gallery.close()
  } finally {
    rmSync(path, { recursive: true })
  }
})

it('beyond so many faces the index finds the same people, new faces too, and lets go of deleted ones', async () => {
  const path = mkdtempSync(join(tmpdir(), 'gallery-index-'))
  try {
    const gallery = await openGallery(path, { model, exactFaces: EXACT_FACES })
    const people = (EXACT_FACES + 2000) / 2
    for (let first = 0; first < 2 * people; first += people)
      await gallery.enroll(
        Array.from({ length: people }, (_, i) => ({
          person: `p${(first + i) % people}`,
          embedding: face(DIM, first + i),
        })),
      )
    expect(await gallery.stats()).toMatchObject({ faces: 2 * people, search: 'index' })
    await gallery.enroll([{ person: 'late', embedding: face(DIM, 1e6) }])
    let hits = 0
    for (let i = 0; i < 100; i++) {
      const { matches } = await gallery.identify(noisy(face(DIM, 7 * i), 0.8, 2e6 + i), { top: 3 })
      if (matches[0]?.name === `p${(7 * i) % people}`) hits++
      expect(matches).toHaveLength(3)
    }
    expect(hits).toBe(100)
    expect((await gallery.identify(face(DIM, 1e6))).matches[0]?.name).toBe('late')
    await gallery.delete(['p7', 'late'])
    expect((await gallery.identify(face(DIM, 1e6), { threshold: 0.9 })).matches).toEqual([])
    expect((await gallery.identify(face(DIM, 8))).matches[0]?.name).toBe('p8')
    expect(await gallery.stats()).toMatchObject({ faces: 2 * people - 2, search: 'index' })
    await gallery.close()
    expect([7, 8].map((i) => holdsBytes(path, face(DIM, i)))).toEqual([false, true])
  } finally {
    rmSync(path, { recursive: true })
  }
})

it("what a killed writer left goes an hour later, with the next purge; what is younger may be another's work", async () => {
  const path = mkdtempSync(join(tmpdir(), 'gallery-leftovers-'))
  try {
    const gallery = await openGallery(path, { model })
    const enrolled = ['a', 'b', 'c'].map((person, i) => ({ person, embedding: face(DIM, i) }))
    await gallery.enroll(enrolled)
    const left = (name: string, minutes: number) => {
      const file = join(path, 'faces.lance', 'data', `${name}.lance`)
      writeFileSync(file, 'a face')
      const then = Date.now() / 1000 - 60 * minutes
      utimesSync(file, then, then)
      return file
    }
    const [old, young] = [left('0'.repeat(24), 61), left('1'.repeat(24), 55)]
    await gallery.delete(['a'])
    // What was deleted is found no more, and its bytes are owed.
    expect([existsSync(old), existsSync(join(path, 'deleted'))]).toEqual([true, true])
    await gallery.purge()
    expect([existsSync(old), existsSync(young)]).toEqual([false, true])
    expect(existsSync(join(path, 'deleted'))).toBe(false)
    // A gallery of which all is older than an hour loses nothing by it.
    for (const file of filesBelow(path)) utimesSync(file, 1e9, 1e9)
    await gallery.purge()
    await gallery.close()
    const again = await openGallery(path)
    expect(await again.stats()).toMatchObject({ people: 2, faces: 2 })
    expect((await again.identify(face(DIM, 2))).matches[0]?.name).toBe('c')
    await again.delete(['b', 'c'])
    await again.close()
    const rows = readdirSync(join(path, 'faces.lance', 'data'))
    expect(rows).toEqual([])
  } finally {
    rmSync(path, { recursive: true })
  }
})
