import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GraphBuilder, TensorProto_DataType } from '@arcface/onnx'
import { kindsOfPatterns, tinyModel } from '@arcface/testing'
import { contained, DEFAULT_PACK, PLAUSIBLE } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { drawFaces } from '../draw/draw.js'
import { installedPack } from '../models/installed.js'
import { resolveDetector } from '../models/resolve.js'
import { readPhoto } from '../photo/photo.js'
import { openDetector } from './open.js'

describe('drawFaces', () => {
  it('frames a face and leaves the rest', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'draw-')), 'out.png')
    const photo = { width: 40, height: 40, pixels: new Uint8Array(40 * 40 * 3) }
    const box = { x: 10, y: 10, width: 20, height: 20 }
    await drawFaces(photo, [{ box, points: [{ x: 20.5, y: 20.5 }], score: 1 }], path)
    const { pixels } = await readPhoto(path)
    const at = (x: number, y: number) => [
      ...pixels.subarray((y * 40 + x) * 3, (y * 40 + x) * 3 + 3),
    ]
    expect(at(20, 20)).toEqual([255, 255, 0])
    expect(at(20, 10)[1]).toBeGreaterThan(100)
    expect([at(5, 5), at(15, 15), at(35, 35)]).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })

  it('writes no other kinds of file, and none into a folder that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'draw-'))
    const photo = { width: 4, height: 4, pixels: new Uint8Array(4 * 4 * 3) }
    const draw = (name: string) => drawFaces(photo, [], join(folder, name))
    await draw('a.JPG')
    expect((await readPhoto(join(folder, 'a.JPG'))).width).toBe(4)
    await expect(draw('a.xyz')).rejects.toMatchObject({ code: 'RECOGNIZE_USE' })
    await expect(draw('none/a.png')).rejects.toMatchObject({ code: 'FILES_WRITE' })
    expect(readdirSync(folder)).toEqual(['a.JPG'])
  })
})

describe('Detector', () => {
  it('refuses files that are no detectors', async () => {
    await expect(openDetector('none.onnx')).rejects.toMatchObject({ code: 'ONNX_UNREADABLE' })
    const path = join(mkdtempSync(join(tmpdir(), 'detector-')), 'embedder.onnx')
    writeFileSync(path, tinyModel())
    await expect(openDetector(path, { minScore: 0 })).rejects.toMatchObject({ code: 'VISION_USE' })
    await expect(openDetector(path)).rejects.toMatchObject({ code: 'VISION_DETECTOR' })
    await expect(openDetector('none.onnx', { threads: 0 })).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
    })
    await expect(openDetector(path, { minscore: 1 } as object)).rejects.toMatchObject({
      code: 'RECOGNIZE_USE',
      message: expect.stringMatching(/did you mean minScore/),
    })
  })

  it('says of one without points, which came without the network that finds them, what to do', async () => {
    const { FLOAT } = TensorProto_DataType
    const graph = new GraphBuilder('UltraFace')
    const input = graph.input('input', FLOAT, [1, 3, 240, 320])
    for (const name of ['scores', 'boxes'])
      graph.output(graph.add('Identity', [input], {}, { output: name }), FLOAT, [1, 3, 240, 320])
    const path = join(mkdtempSync(join(tmpdir(), 'detector-')), 'ultraface.onnx')
    writeFileSync(path, graph.encode())
    await expect(openDetector(path)).rejects.toMatchObject({
      code: 'VISION_DETECTOR',
      message: expect.stringMatching(/ultraface\.onnx \(UltraFace\) gives no points/),
      hint: expect.stringMatching(/68 points as `landmarks`/),
    })
  })
})

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))
describe.skipIf(!existsSync(shared))('on photographs of ../shared', () => {
  it.each(['yunet_s_640_640', 'yunet_s_dynamic', 'scrfd_500m'])(
    '%s finds a face, eyes above the mouth, inside the box; also where it fills the picture',
    async (name) => {
      const detector = await openDetector(join(shared, 'models', `${name}.onnx`))
      const folder = join(shared, 'faces/photos')
      for (const person of readdirSync(folder).slice(0, 3)) {
        const [first] = readdirSync(join(folder, person)).sort()
        const photo = await readPhoto(join(folder, person, first!))
        const [face] = await detector.detect(photo)
        const [left, right, , mouth] = face!.points
        expect(left!.x).toBeLessThan(right!.x)
        expect(left!.y).toBeLessThan(mouth!.y)
        expect(left!.x).toBeGreaterThan(face!.box.x)
        expect(mouth!.y).toBeLessThan(face!.box.y + face!.box.height)
        const dim = { width: 32, height: 32, pixels: new Uint8Array(32 * 32 * 3) }
        expect(await detector.detect(dim)).toEqual([])
        await expect(detector.detect(dim, { smal: true } as object)).rejects.toMatchObject({
          code: 'VISION_USE',
          message: expect.stringMatching(/did you mean small/),
        })
      }
      await detector.close()
      await expect(
        detector.detect({ width: 1, height: 1, pixels: new Uint8Array(3) }),
      ).rejects.toMatchObject({ code: 'VISION_USE' })
    },
  )

  it('a look for a frame of a video finds what the longer one does; it is not both', async () => {
    const detector = await openDetector(join(shared, 'models/yunet_s_dynamic.onnx'))
    const folder = join(shared, 'faces/photos')
    const [person] = readdirSync(folder)
    const [first] = readdirSync(join(folder, person!)).sort()
    const photo = await readPhoto(join(folder, person!, first!))
    const once = await detector.detect(photo, { once: true })
    expect(once).toEqual(await detector.detect(photo))
    await expect(detector.detect(photo, { once: true, small: true })).rejects.toMatchObject({
      code: 'VISION_USE',
    })
    await detector.close()
  })

  it('small faces are found in quarters, and where they lie', async () => {
    const detector = await openDetector(join(shared, 'models/yunet_s_640_640.onnx'))
    const folder = join(shared, 'faces/photos')
    const person = readdirSync(folder)[0]!
    const photo = await readPhoto(
      join(folder, person, readdirSync(join(folder, person)).sort()[0]!),
    )
    const [face] = await detector.detect(photo)
    // In the lower right corner of a black picture fourteen times as large: its face has some 10 pixels of 640.
    const [width, height] = [14 * photo.width, 14 * photo.height]
    const pixels = new Uint8Array(width * height * 3)
    for (let row = 0; row < photo.height; row++)
      pixels.set(
        photo.pixels.subarray(row * photo.width * 3, (row + 1) * photo.width * 3),
        ((13 * photo.height + row) * width + 13 * photo.width) * 3,
      )
    const [small] = await detector.detect({ width, height, pixels }, { small: true })
    const { x, y } = small!.points[2]!
    const expected = face!.points[2]!
    const near = face!.box.width / 5
    expect(Math.abs(x - 13 * photo.width - expected.x)).toBeLessThan(near)
    expect(Math.abs(y - 13 * photo.height - expected.y)).toBeLessThan(near)
    await detector.close()
  })

  it('a face is found once, in quarters too', async () => {
    const detector = await openDetector(join(shared, 'models/yunet_s_640_640.onnx'))
    const folder = join(shared, 'faces/photos')
    for (const person of readdirSync(folder).slice(0, 4)) {
      const [first] = readdirSync(join(folder, person)).sort()
      const faces = await detector.detect(await readPhoto(join(folder, person, first!)), {
        small: true,
      })
      for (const [i, a] of faces.entries())
        for (const b of faces.slice(i + 1)) expect(contained(a.box, b.box)).toBeLessThanOrEqual(0.6)
    }
    await detector.close()
  })

  it('patterns that are found are hardly faces', async () => {
    const detector = await openDetector(join(shared, 'models/yunet_s_640_640.onnx'))
    for (const seed of [8, 11, 24]) {
      const found = await detector.detect(kindsOfPatterns.rings!(seed, 240, 200))
      expect(found.length).toBeGreaterThan(0)
      for (const { plausibility } of found) expect(plausibility).toBeLessThan(PLAUSIBLE)
    }
    await detector.close()
  })

  it('an embedder is refused as a detector', async () => {
    await expect(openDetector(join(shared, 'models/MobileFaceNet.onnx'))).rejects.toMatchObject({
      code: 'VISION_DETECTOR',
    })
  })
})

const pack = await installedPack(DEFAULT_PACK)
describe.skipIf(!pack)('with the default pack, where it is installed', () => {
  it.skipIf(!existsSync(shared))('a look for a frame of a video turns no picture', async () => {
    const { path, landmarks } = await resolveDetector(undefined, DEFAULT_PACK)
    const detector = await openDetector(path, { landmarks: landmarks! })
    const folder = join(shared, 'faces/photos')
    for (const person of readdirSync(folder).slice(0, 3)) {
      const [first] = readdirSync(join(folder, person)).sort()
      const { width, height, pixels: standing } = await readPhoto(join(folder, person, first!))
      const pixels = new Uint8Array(standing.length)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const from = 3 * (y * width + x)
          pixels.set(standing.subarray(from, from + 3), 3 * (x * height + height - 1 - y))
        }
      const lying = { width: height, height: width, pixels }
      expect((await detector.detect(lying))[0]!.plausibility).toBeGreaterThan(PLAUSIBLE)
      const found = await detector.detect(lying, { once: true })
      expect(found.filter(({ plausibility }) => plausibility > PLAUSIBLE)).toEqual([])
    }
    await detector.close()
  })

  it('patterns that are found, many at a score of 0.99, are hardly faces', async () => {
    const { path, landmarks } = await resolveDetector(undefined, DEFAULT_PACK)
    const detector = await openDetector(path, { landmarks: landmarks! })
    const scores: number[] = []
    for (const [kind, draw] of Object.entries(kindsOfPatterns))
      for (let seed = 1; seed <= 10; seed++)
        for (const { score, plausibility } of await detector.detect(draw(seed, 240, 200))) {
          scores.push(score)
          expect(plausibility, `${kind} ${seed}`).toBeLessThan(PLAUSIBLE)
        }
    expect(scores.filter((score) => score > 0.99).length).toBeGreaterThan(5)
    await detector.close()
  })
})
