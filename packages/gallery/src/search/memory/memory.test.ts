import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face, similarity } from '@arcface/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openGallery } from '../../gallery/gallery.js'
import { testModel } from '../../testing/model.js'

const DIM = 16
const model = testModel(DIM)
const PEOPLE = 4

let folder: string
let count = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gallery-memory-'))
  process.env.GALLERY_MEMORY_TEST = randomBytes(32).toString('base64')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** What a gallery should hold: people with their groups and the seeds of their faces. */
type Expected = Map<string, { groups: string[]; seeds: number[] }>

const person = fc.integer({ min: 0, max: PEOPLE - 1 }).map((i) => `p${i}`)
const groups = fc.subarray(['x', 'y'])
const change = fc.oneof(
  fc.record({ kind: fc.constant('enroll'), person, groups, faces: fc.integer({ min: 1, max: 6 }) }),
  fc.record({ kind: fc.constant('describe'), person, groups }),
  fc.record({ kind: fc.constant('merge'), person, other: person }),
  fc.record({ kind: fc.constant('delete'), person }),
  fc.record({ kind: fc.constant('purge') }),
) as fc.Arbitrary<{ kind: string; person: string; other: string; groups: string[]; faces: number }>

it.each([
  ['plain', {}, 15],
  ['encrypted', { key: { env: 'GALLERY_MEMORY_TEST' } }, 10],
])(
  'holds what the tables hold after any changes, whoever makes them: %s',
  async (_, options, numRuns) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.boolean(), change), { minLength: 1, maxLength: 12 }),
        async (changes) => {
          const path = join(folder, `${++count}`)
          const own = await openGallery(path, { model, ...options })
          const others = await openGallery(path, options)
          const expected: Expected = new Map()
          let seed = 0
          for (const [byOther, step] of changes) {
            const gallery = byOther ? others : own
            const row = expected.get(step.person)
            const other = expected.get(step.other)
            if (step.kind === 'enroll') {
              const seeds = Array.from({ length: step.faces }, () => ++seed)
              await gallery.enroll(
                seeds.map((one) => ({
                  person: step.person,
                  groups: step.groups,
                  embedding: face(DIM, one),
                  source: `${one}`,
                })),
              )
              if (row) row.seeds.push(...seeds)
              else expected.set(step.person, { groups: step.groups, seeds })
            } else if (step.kind === 'purge') await gallery.purge()
            else if (row && step.kind === 'describe') {
              await gallery.describe(step.person, { groups: step.groups })
              row.groups = step.groups
            } else if (row && step.kind === 'delete') {
              await gallery.delete([step.person])
              expected.delete(step.person)
            } else if (row && other && row !== other) {
              await gallery.merge(step.person, step.other)
              other.seeds.push(...row.seeds)
              expected.delete(step.person)
            }
            for (const filter of [[], ['x'], ['x', 'y']]) {
              const probes = [face(DIM, 1), face(DIM, 999)]
              const found = await own.identifyMany(probes, {
                top: PEOPLE,
                filter: { groups: filter },
              })
              for (const [i, { matches }] of found.entries())
                expect(
                  matches.map(({ name, source, groups }) => ({ name, source, groups })),
                ).toEqual(ranking(expected, probes[i]!, filter))
            }
          }
          await Promise.all([own.close(), others.close()])
        },
      ),
      { numRuns },
    )
  },
)

function ranking(expected: Expected, probe: Float32Array, filter: readonly string[]) {
  return [...expected]
    .filter(([, { groups }]) => filter.every((group) => groups.includes(group)))
    .map(([name, { groups, seeds }]) => {
      const cosines = seeds.map((seed) => similarity(probe, face(DIM, seed)))
      const cosine = Math.max(...cosines)
      const source = `${seeds[cosines.indexOf(cosine)]}`
      return { cosine, row: { name, source, groups: [...groups].sort() } }
    })
    .sort((a, b) => b.cosine - a.cosine)
    .map(({ row }) => row)
}

it('searches at once see each their own time, and those under way end before it closes', async () => {
  const path = join(folder, `${++count}`)
  const gallery = await openGallery(path, { model })
  const enroll = (seed: number) =>
    gallery.enroll([{ person: `${seed}`, embedding: face(DIM, seed) }])
  await enroll(0)
  const searches: Promise<void>[] = []
  for (let seed = 1; seed <= 20; seed++) {
    await enroll(seed)
    for (const probe of [seed, seed - 1])
      searches.push(
        gallery.identify(face(DIM, probe)).then(({ matches }) => {
          expect(matches[0]).toMatchObject({ name: `${probe}` })
        }),
      )
  }
  await gallery.close()
  await Promise.all(searches)
})

it('lets go of rows that were replaced, one by one where most have stayed', async () => {
  const gallery = await openGallery(join(folder, `${++count}`), { model })
  const faces = Array.from({ length: 50 }, (_, i) => ({
    person: `p${i % 10}`,
    embedding: face(DIM, i),
  }))
  await gallery.enroll(faces)
  await gallery.identifyMany([face(DIM, 1), face(DIM, 2)])
  await gallery.merge('p3', 'p4')
  const found = await gallery.identifyMany(faces.map(({ embedding }) => embedding))
  const names = faces.map(({ person }) => (person === 'p3' ? 'p4' : person))
  expect(found.map(({ matches }) => matches[0]?.name)).toEqual(names)
  await gallery.close()
})

it('is not used beyond so many faces', async () => {
  const path = join(folder, `${++count}`)
  const gallery = await openGallery(path, { model, exactFaces: 2 })
  for (let seed = 0; seed < 4; seed++) {
    await gallery.enroll([{ person: `${seed}`, embedding: face(DIM, seed) }])
    for (let probe = 0; probe <= seed; probe++)
      expect((await gallery.identify(face(DIM, probe))).matches[0]?.name).toBe(`${probe}`)
  }
  await gallery.close()
  await expect(openGallery(path, { exactFaces: -1 })).rejects.toMatchObject({
    code: 'GALLERY_USE',
  })
})
