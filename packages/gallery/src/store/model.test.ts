import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeModel, encodeModel } from '@arcface/onnx'
import { openModel } from '@arcface/recognize'
import { face, keepBeside, tinyModel } from '@arcface/testing'
import type { GalleryModel } from '@arcface/vision'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openGallery } from '../gallery/gallery.js'
import { exportGallery } from '../transfer/export.js'
import { exportedModel, importGallery } from '../transfer/import.js'
import { galleryModel } from './model.js'
import { connect } from './tables.js'

const DIM = 4
const room = mkdtempSync(join(tmpdir(), 'gallery-model-'))
afterAll(() => rmSync(room, { recursive: true }))

/** Writes a network whose weights lie beside it. */
function write(name: string, weight: number): string {
  const model = decodeModel(tinyModel({ dim: DIM, weight }), 'tiny')
  const weights = model.graph!.initializer.find(({ name }) => name === 'w')!
  const folder = join(room, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'w.bin'), keepBeside(weights, 'w.bin'))
  const path = join(folder, `${name}.onnx`)
  writeFileSync(path, encodeModel(model))
  return path
}

async function modelOf(path: string): Promise<GalleryModel> {
  const opened = await openModel(path)
  await opened.embedder.close()
  return galleryModel(opened)
}

const sumOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a model that keeps its weights in another file', () => {
  let own: GalleryModel
  let other: GalleryModel
  /** As it was written before weights in other files counted. */
  let older: Omit<GalleryModel, 'olderSha256'>
  beforeAll(async () => {
    const [a, b] = [write('own', 0.5), write('other', 0.25)]
    expect(sumOf(a)).toBe(sumOf(b))
    own = await modelOf(a)
    other = await modelOf(b)
    older = { sha256: sumOf(a), name: a, dim: DIM, preprocessing: own.preprocessing }
  })

  it('is told from one of the same graph', async () => {
    const path = join(room, 'new')
    await (await openGallery(path, { model: own })).close()
    await expect(openGallery(path, { model: other })).rejects.toMatchObject({
      code: 'GALLERY_MODEL',
      message: expect.stringMatching(/own\.onnx .*other\.onnx /),
    })
  })

  it('opens a gallery that knows it by the sum of its file alone, reads and adds to it', async () => {
    const path = join(room, 'old')
    const made = await openGallery(path, { model: older })
    await made.enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    await made.close()
    // What older programs have written, and read.
    const db = await connect(path)
    const about = await db.openTable('gallery')
    const [row] = (await about.query().toArray()) as { model: string }[]
    expect(JSON.parse(row!.model)).toEqual(older)
    about.close()
    db.close()
    const gallery = await openGallery(path, { model: own })
    expect((await gallery.identify(face(DIM, 1))).matches).toMatchObject([{ name: 'Ada' }])
    await gallery.enroll([{ person: 'Grace', embedding: face(DIM, 2) }])
    expect(await gallery.count()).toEqual({ people: 2, faces: 2 })
    await gallery.close()
    const wrong = { ...own, sha256: 'b'.repeat(64), olderSha256: 'c'.repeat(64), name: 'wrong' }
    await expect(openGallery(path, { model: wrong })).rejects.toMatchObject({
      code: 'GALLERY_MODEL',
      message: expect.stringContaining(older.sha256.slice(0, 12)),
    })
  })

  it.each(['jsonl', 'parquet'])('takes what such a gallery has exported: .%s', async (ending) => {
    const file = join(room, `old.${ending}`)
    const old = await openGallery(join(room, `of-${ending}`), { model: older })
    await old.enroll([{ person: 'Ada', embedding: face(DIM, 1) }])
    await exportGallery(old, file)
    expect((await exportedModel(file)).sha256).toBe(older.sha256)
    // The newer knows both sums, so that also without a model at hand the two are one.
    const path = join(room, `to-${ending}`)
    await (await openGallery(path, { model: own })).close()
    const gallery = await openGallery(path)
    expect(await importGallery(gallery, file)).toBe(1)
    const back = join(room, `new.${ending}`)
    await exportGallery(gallery, back)
    expect(await importGallery(old, back)).toBe(0)
    await gallery.close()
    await old.close()
    const strange = await openGallery(join(room, `strange-${ending}`), {
      model: { ...own, sha256: 'b'.repeat(64), olderSha256: 'c'.repeat(64) },
    })
    await expect(importGallery(strange, file)).rejects.toMatchObject({ code: 'GALLERY_MODEL' })
    await strange.close()
  })
})
