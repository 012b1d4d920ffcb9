import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tinyModel } from '@arcface/testing'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../bin/arcface.js', import.meta.url))
const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
const room = mkdtempSync(join(tmpdir(), 'embed-'))
afterAll(() => rmSync(room, { recursive: true }))

function arcface(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'embed', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const norm = (values: number[]) => Math.hypot(...values)

describe('arcface embed, aligned faces', () => {
  const faces = join(room, 'faces')
  const model = join(room, 'tiny.onnx')

  beforeAll(async () => {
    mkdirSync(join(faces, 'ada'), { recursive: true })
    writeFileSync(model, tinyModel({ dim: 3, normalize: true }))
    for (const [i, name] of ['ada/2.png', 'ada/1.webp', 'b.avif'].entries())
      await sharp({
        create: { width: 112, height: 112, channels: 3, background: { r: 80 * i, g: 99, b: 7 } },
      }).toFile(join(faces, name))
  })

  it('needs no detector, and skips what is no picture', () => {
    writeFileSync(join(faces, 'broken.jpg'), 'no picture')
    const { status, stdout, stderr } = arcface(faces, '--model', model, '--json')
    expect(status).toBe(0)
    // The graph normalises, as its names say; a model that says so itself needs no line.
    expect(stderr).toMatch(
      /^\S+tiny\.onnx: pixels go in as RGB, white 255, mean 0, std 1 \(by Ins.*\n$/,
    )
    const { embeddings, skipped, dim } = JSON.parse(stdout)
    expect(dim).toBe(3)
    expect(embeddings.map(({ path }: { path: string }) => path)).toEqual(
      ['ada/1.webp', 'ada/2.png', 'b.avif'].map((name) => join(faces, name)),
    )
    for (const { embedding } of embeddings) expect(norm(embedding)).toBeCloseTo(1, 5)
    expect(skipped).toMatchObject([{ photo: join(faces, 'broken.jpg') }])
  })

  it('reads EXIF and transparency of an aligned face as verify does', async () => {
    const folder = join(room, 'one-reading')
    mkdirSync(folder)
    // Black above, grey and half transparent below.
    const halves = Uint8Array.from({ length: 112 * 112 * 4 }, (_, i) =>
      i % 4 === 3 ? 128 : i < 112 * 112 * 2 ? 0 : 200,
    )
    const image = sharp(halves, { raw: { width: 112, height: 112, channels: 4 } })
    const [plain, turned] = ['plain.png', 'turned.png'].map((name) => join(folder, name))
    await image.clone().png().toFile(plain!)
    await image.clone().png().withMetadata({ orientation: 3 }).toFile(turned!)
    const { embeddings } = JSON.parse(arcface(folder, '--model', model, '--json').stdout)
    const [a, b] = embeddings.map(({ embedding }: { embedding: number[] }) => embedding)
    const cosine = a.reduce((sum: number, value: number, k: number) => sum + value * b[k], 0)
    expect(cosine).toBeLessThan(0.999)
    const args = ['verify', plain!, turned!, '--model', model, '--threshold', '0', '--json']
    const { stdout } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' })
    expect(JSON.parse(stdout).similarity).toBeCloseTo(cosine, 5)
  })

  it('exits with 1 where nothing could be embedded, with 2 for wrong usage', () => {
    const broken = join(faces, 'broken.jpg')
    const out = join(room, 'none.npy')
    const failed = arcface(broken, '--model', model, '--out', out, '--json')
    expect(failed.status).toBe(1)
    expect(existsSync(out)).toBe(false)
    expect(arcface(room, '--model', model, '--out', join(room, 'x.csv')).status).toBe(2)
    mkdirSync(join(room, 'empty'))
    expect(arcface(join(room, 'empty'), '--model', model).status).toBe(2)
    const missing = arcface(join(room, 'missing'), '--model', model)
    expect(missing).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error FILES_READ/) })
  })
})

const photos = join(shared, 'faces/photos')
describe.skipIf(!existsSync(photos))('arcface embed, shared photographs', () => {
  it('finds, aligns and embeds their faces; more with all', () => {
    const person = join(photos, readdirSync(photos).sort()[0]!)
    const parts = [
      ...['--model', join(shared, 'models/MobileFaceNet.onnx'), '--range', '1'],
      ...['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225', '--json'],
      ...['--detector', join(shared, 'models/yunet_s_640_640.onnx')],
    ]
    const [largest, all] = ['largest', 'all'].map((faces) => {
      const { status, stdout } = arcface(person, ...parts, '--faces', faces)
      expect(status).toBe(0)
      return JSON.parse(stdout)
    })
    const names = readdirSync(person).sort()
    expect(largest.embeddings.map(({ path }: { path: string }) => path)).toEqual(
      names.map((name) => join(person, name)),
    )
    for (const { embedding, quality, box } of largest.embeddings) {
      expect(norm(embedding)).toBeCloseTo(1, 4)
      expect(quality.eyes).toBeGreaterThan(5)
      expect(box.width).toBeGreaterThan(10)
    }
    expect(all.embeddings.length).toBeGreaterThanOrEqual(names.length)
    const out = join(room, 'photos.parquet')
    const { stdout } = arcface(person, ...parts, '--out', out)
    expect(JSON.parse(stdout)).toMatchObject({ images: names.length, faces: names.length, out })
    expect(existsSync(out)).toBe(true)
  })
})
