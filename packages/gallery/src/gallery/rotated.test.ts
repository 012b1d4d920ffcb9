import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { face } from '@arcface/testing'
import { cosine } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGalleries } from '../galleries/galleries.js'
import { testModel } from '../testing/model.js'
import { exportGallery } from '../transfer/export.js'
import { importGallery } from '../transfer/import.js'
import { exportReadable } from '../transfer/readable.js'
import { encryptGallery, rekeyGallery } from '../upkeep/encrypt.js'
import { rotateGallery } from '../upkeep/rotate.js'
import { type MasterKey, masterKey } from '../vault/master.js'
import { type Gallery, openGallery } from './gallery.js'

const DIM = 64
let room: string
let rotation: MasterKey
let other: MasterKey
let key: MasterKey
beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), 'gallery-rotated-'))
  const made = async () => {
    process.env.K = randomBytes(32).toString('hex')
    return masterKey({ env: 'K' })
  }
  rotation = await made()
  other = await made()
  key = await made()
})
afterAll(() => rmSync(room, { recursive: true }))

const model = testModel(DIM)
const at = (name: string) => join(room, name)
const people = Array.from({ length: 30 }, (_, i) => ({ person: `p${i}`, embedding: face(DIM, i) }))
const refused = { code: 'GALLERY_KEY' }

/** Whether 32 bytes of an embedding stand in any file below. */
function holds(folder: string, embedding: Float32Array): boolean {
  const wanted = Buffer.from(embedding.buffer, embedding.byteOffset, 32)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).some(
    (name) =>
      statSync(join(folder, name)).isFile() && readFileSync(join(folder, name)).includes(wanted),
  )
}

/** Everything that a caller gets from embeddings. */
async function answers(gallery: Gallery) {
  const probes = [0, 7, 19].map((i) => {
    const [own, noise] = [face(DIM, i), face(DIM, 1000 + i)]
    const sum = own.map((value, k) => value + 0.5 * noise[k]!)
    return sum.map((value) => value / Math.hypot(...sum))
  })
  const found = await gallery.identifyMany(probes, { top: 3 })
  const near = await gallery.nearest(probes, { top: 3 })
  const { id } = (await gallery.faces('p7'))[0]!
  return {
    people: found.map(({ matches }) => matches.map(({ name }) => name)),
    similarities: [
      ...[...found, ...near].flatMap(({ matches }) => matches.map(({ similarity }) => similarity)),
      (await gallery.compare('p7', probes[1]!)).similarity,
      await gallery.compareFace(id, probes[1]!),
    ],
  }
}

describe.each([
  ['plain', false],
  ['encrypted', true],
])('a gallery whose embeddings are turned: %s', (name, isEncrypted) => {
  const keys = () => (isEncrypted ? { key } : {})

  it('answers as one whose are not, and holds none of them', async () => {
    const before = await openGallery(at(`${name}-before`), { model, ...keys() })
    await before.enroll(people)
    const wanted = await answers(before)
    await before.close()
    const made = await openGallery(at(name), { model, rotation, ...keys() })
    expect([made.rotated, made.encrypted]).toEqual([true, isEncrypted])
    await made.enroll(people)
    await made.close()
    const gallery = await openGallery(at(name), { rotation, ...keys() })
    const told = await answers(gallery)
    expect(told.people).toEqual(wanted.people)
    told.similarities.forEach((one, i) => {
      expect(Math.abs(one - wanted.similarities[i]!)).toBeLessThan(1e-6)
    })
    // The same picture again is told, by the bytes of the turned embedding.
    expect((await gallery.add(people.slice(0, 3))).map(({ added }) => added)).toEqual([
      false,
      false,
      false,
    ])
    await gallery.close()
    expect(holds(at(name), people[3]!.embedding)).toBe(false)
    // It would be seen: a plain gallery holds it.
    if (!isEncrypted) expect(holds(at(`${name}-before`), people[3]!.embedding)).toBe(true)
  })

  it('is exported as the embeddings came, and turned anew where it is imported: by another key', async () => {
    const gallery = await openGallery(at(name), { rotation, ...keys() })
    const file = at(`${name}.jsonl`)
    expect(await exportGallery(gallery, file)).toBe(people.length)
    await gallery.close()
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1)
    for (const line of lines) {
      const { person, embedding } = JSON.parse(line) as { person: string; embedding: number[] }
      const own = people.find((one) => one.person === person)!.embedding
      expect(cosine(Float32Array.from(embedding), own)).toBeGreaterThan(1 - 1e-6)
    }
    const next = await openGallery(at(`${name}-next`), { model, rotation: other, ...keys() })
    expect(await importGallery(next, file)).toBe(people.length)
    expect((await next.identify(people[5]!.embedding)).matches[0]).toMatchObject({ name: 'p5' })
    await next.close()
  })

  it('without the key is listed and changed, and nobody is added, found or exported', async () => {
    const gallery = await openGallery(at(name), keys())
    expect(await gallery.count()).toEqual({ people: people.length, faces: people.length })
    await gallery.rename('p29', 'Eve')
    await gallery.delete(['Eve'])
    const [probe] = people
    await expect(gallery.identify(probe!.embedding)).rejects.toMatchObject(refused)
    await expect(gallery.nearest([probe!.embedding])).rejects.toMatchObject(refused)
    await expect(gallery.compare('p0', probe!.embedding)).rejects.toMatchObject(refused)
    await expect(gallery.add([probe!])).rejects.toMatchObject(refused)
    await expect(exportGallery(gallery, at('none.jsonl'))).rejects.toMatchObject(refused)
    expect(readdirSync(room)).not.toContain('none.jsonl')
    await gallery.close()
  })

  it('refuses another key', async () => {
    const opened = openGallery(at(name), { rotation: other, ...keys() })
    await expect(opened).rejects.toMatchObject(refused)
    await expect(opened).rejects.toThrow(new RegExp(`${rotation.id}.*${other.id}`))
  })
})

it('what can be read of a damaged one is exported with the key, and not without', async () => {
  await expect(exportReadable(at('plain'), at('none.jsonl'))).rejects.toMatchObject(refused)
  const file = at('readable.jsonl')
  expect(await exportReadable(at('plain'), file, { rotation })).toBe(people.length - 1)
  const [, line] = readFileSync(file, 'utf8').split('\n')
  const { person: name, embedding } = JSON.parse(line!) as { person: string; embedding: number[] }
  const own = people.find(({ person }) => person === name)!.embedding
  expect(cosine(Float32Array.from(embedding), own)).toBeGreaterThan(1 - 1e-6)
})

it('stays turned when it is encrypted in its folder, for which the key of the rotation is not needed', async () => {
  const made = await openGallery(at('later'), { model, rotation })
  await made.enroll(people)
  await made.close()
  await encryptGallery(at('later'), { key })
  await rekeyGallery(at('later'), { key, to: other })
  const gallery = await openGallery(at('later'), { key: other, rotation })
  expect([gallery.rotated, gallery.encrypted]).toEqual([true, true])
  expect((await gallery.identify(people[5]!.embedding)).matches[0]).toMatchObject({ name: 'p5' })
  await gallery.close()
})

it.each([
  ['plain', false],
  ['encrypted', true],
])('is turned anew in its folder: %s', async (name, isEncrypted) => {
  const keys = isEncrypted ? { key } : {}
  const path = at(`anew-${name}`)
  const made = await openGallery(path, { model, ...keys })
  await made.enroll(people)
  const found = async (given: MasterKey) => {
    const gallery = await openGallery(path, { rotation: given, ...keys })
    expect([gallery.rotated, gallery.encrypted]).toEqual([true, isEncrypted])
    const { matches } = await gallery.identify(people[5]!.embedding)
    expect(matches[0]).toMatchObject({ name: 'p5' })
    expect(matches[0]!.similarity).toBeGreaterThan(1 - 1e-6)
    expect(await gallery.count()).toEqual({ people: people.length, faces: people.length })
    await gallery.close()
  }
  // From as they came to a first rotation, and from it to another.
  const counts = { people: people.length, faces: people.length }
  expect(await rotateGallery(path, { ...keys, to: rotation })).toEqual(counts)
  await found(rotation)
  const again = await openGallery(path, { rotation, ...keys })
  // Told by the print of the embedding as it is turned now.
  expect((await again.add([people[8]!])).map(({ added }) => added)).toEqual([false])
  await again.close()
  expect(holds(path, people[3]!.embedding)).toBe(false)
  // Who had it open before would write what is turned otherwise.
  await expect(made.enroll([{ person: 'x', embedding: face(DIM, 99) }])).rejects.toMatchObject(
    refused,
  )
  await made.close()
  await expect(rotateGallery(path, { ...keys, to: other })).rejects.toMatchObject(refused)
  await expect(rotateGallery(path, { ...keys, rotation: other, to: other })).rejects.toMatchObject(
    refused,
  )
  await found(rotation)
  expect(await rotateGallery(path, { ...keys, rotation, to: other })).toEqual(counts)
  await found(other)
  await expect(openGallery(path, { rotation, ...keys })).rejects.toMatchObject(refused)
})

it('galleries that are made below a folder are turned where a key is given', async () => {
  const galleries = await openGalleries(at('all'), { rotation })
  await galleries.create('staff', model)
  const staff = await galleries.get('staff')
  expect(staff.rotated).toBe(true)
  await staff.enroll(people.slice(0, 3))
  await galleries.close()
  const again = await openGalleries(at('all'), { rotation: other })
  await expect(again.get('staff')).rejects.toMatchObject(refused)
  await again.close()
})

it('a plain gallery that is there stays so, whatever key is given', async () => {
  const gallery = await openGallery(at('plain-before'), { rotation })
  expect(gallery.rotated).toBe(false)
  expect((await gallery.identify(people[5]!.embedding)).matches[0]).toMatchObject({ name: 'p5' })
  await gallery.close()
})

it('two galleries of one key hold templates that say nothing of each other', async () => {
  const rows = async (name: string) => {
    const gallery = await openGallery(at(name), { model, rotation })
    await gallery.enroll(people)
    await gallery.close()
    // As they lie there: read as one that is not turned would be.
    const { connect, openTables } = await import('../store/tables.js')
    const db = await connect(at(name))
    const tables = (await openTables(db, { where: at(name), called: name }, undefined, undefined))!
    const faces = await tables.faces.query().select(['person', 'embedding']).toArray()
    const rows = (await tables.people.query().select(['id', 'name']).toArray()) as {
      id: string
      name: string
    }[]
    const named = new Map(rows.map(({ id, name: person }) => [id, person]))
    tables.close()
    return new Map(
      (faces as { person: string; embedding: { toArray(): Float32Array } }[]).map((one) => [
        named.get(one.person)!,
        Float32Array.from(one.embedding.toArray()),
      ]),
    )
  }
  const [a, b] = [await rows('one'), await rows('two')]
  const cosines = people.map(({ person }) => cosine(a.get(person)!, b.get(person)!))
  // Those of random directions: of 30 a mean within five deviations of 0, and none near 1.
  const mean = cosines.reduce((sum, one) => sum + one, 0) / cosines.length
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(DIM * cosines.length))
  expect(Math.max(...cosines)).toBeLessThan(5 / Math.sqrt(DIM))
})
