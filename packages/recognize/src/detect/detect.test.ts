import { existsSync, mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kindsOfPatterns } from '@arcface/testing'
import {
  type Box,
  contained,
  cut,
  type Detection,
  isCut,
  overlap,
  PLAUSIBLE,
  paint,
  quarters,
  scrfd,
  suppress,
  ultraface,
  yunet,
} from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawFaces } from '../draw/draw.js'
import { installedPack } from '../models/installed.js'
import { DEFAULT_PACK } from '../models/registry.js'
import { readPhoto } from '../photo/photo.js'
import { findDetector } from '../recognizer/parts.js'
import { openDetector } from './open.js'

const box = fc.record({
  x: fc.integer({ min: 0, max: 20 }),
  y: fc.integer({ min: 0, max: 20 }),
  width: fc.integer({ min: 1, max: 20 }),
  height: fc.integer({ min: 1, max: 20 }),
})
/** Cell by cell. */
function counted(a: Box, b: Box): number {
  let [both, either] = [0, 0]
  const inside = ({ x, y, width, height }: Box, u: number, v: number) =>
    u >= x && u < x + width && v >= y && v < y + height
  for (let v = 0; v < 40; v++)
    for (let u = 0; u < 40; u++) {
      both += Number(inside(a, u, v) && inside(b, u, v))
      either += Number(inside(a, u, v) || inside(b, u, v))
    }
  return both / either
}

const named = (
  outputs: readonly { name: string; dims: number[]; data: Float32Array<ArrayBuffer> }[],
) => Object.fromEntries(outputs.map(({ name, ...tensor }) => [name, tensor]))

describe('boxes', () => {
  it('overlap by the cells they share', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(overlap(a, b)).toBeCloseTo(counted(a, b), 12)
      }),
    )
  })

  it('are suppressed: none left overlaps, each one gone is beaten by a better one', () => {
    const found = fc.array(
      fc.record({
        box,
        score: fc.double({ min: 0, max: 1, noNaN: true }),
        points: fc.constant([]),
      }),
    )
    fc.assert(
      fc.property(found, (all: Detection[]) => {
        const kept = suppress(all, 0.3)
        kept.forEach((a, i) => {
          for (const b of kept.slice(i + 1)) {
            expect(overlap(a.box, b.box)).toBeLessThanOrEqual(0.3)
            expect(b.score).toBeLessThanOrEqual(a.score)
          }
        })
        for (const gone of all.filter((one) => !kept.includes(one)))
          expect(
            kept.some(({ box, score }) => score >= gone.score && overlap(box, gone.box) > 0.3),
          ).toBe(true)
      }),
    )
  })
})

const floats = (length: number, at: Record<number, number> = {}) =>
  Object.entries(at).reduce((values, [i, value]) => {
    values[Number(i)] = value
    return values
  }, new Float32Array(length))
const offsets = [0.1, 0.2, 0.3, 0.2, 0.25, 0.5, 0.1, 0.75, 0.3, 0.8]
const placed = (start: number) => Object.fromEntries(offsets.map((value, i) => [start + i, value]))

// A network input of 64 x 64: grids of 8 x 8, 4 x 4 and 2 x 2 cells.
describe('outputs', () => {
  it('of SCRFD are distances to the sides from the corner of the cell', () => {
    const one = (columns: number, cells: number, at = {}) => ({
      name: `${columns}-${cells}`,
      dims: [cells * 2, columns],
      data: floats(cells * 2 * columns, at),
    })
    // Second anchor of column 2, row 1 of the 4 x 4 grid, 16 pixels a cell: position 2 * (4 + 2) + 1 = 13.
    const outputs = [
      ...[64, 16, 4].map((cells) => one(1, cells, cells === 16 ? { 13: 0.9 } : {})),
      ...[4, 16, 64].map((cells) =>
        one(4, cells, cells === 16 ? { 52: 0.5, 53: 0.25, 54: 1, 55: 0.75 } : {}),
      ),
      ...[16, 4, 64].map((cells) => one(10, cells, cells === 16 ? placed(130) : {})),
    ]
    const [found, ...more] = scrfd.read(named(outputs), { width: 64, height: 64 }, 0.5)
    expect(more).toEqual([])
    expect(found!.score).toBeCloseTo(0.9, 6)
    expect(found!.box).toEqual({ x: 32 - 8, y: 16 - 4, width: 24, height: 16 })
    expect(found!.points[2]!.x).toBeCloseTo(32 + 0.25 * 16, 5)
    expect(found!.points[4]!.y).toBeCloseTo(16 + 0.8 * 16, 5)
  })

  it('of YuNet are the middle and the logarithm of the sides', () => {
    const cells = { 8: 64, 16: 16, 32: 4 }
    const outputs = Object.entries(cells).flatMap(([stride, count]) =>
      Object.entries({ cls: 1, obj: 1, bbox: 4, kps: 10 }).map(([name, columns]) => ({
        name: `${name}_${stride}`,
        dims: [1, count, columns],
        data: floats(count * columns),
      })),
    )
    const set = (name: string, at: Record<number, number>) =>
      Object.entries(at).forEach(([i, value]) => {
        outputs.find((one) => one.name === name)!.data[Number(i)] = value
      })
    // Column 1, row 1 of the 2 x 2 grid, 32 pixels a cell: position 3.
    set('cls_32', { 3: 0.9, 0: 1 })
    set('obj_32', { 3: 0.4 })
    set('bbox_32', { 12: 0.5, 13: 0.25, 14: Math.log(0.5), 15: Math.log(0.75) })
    set('kps_32', placed(30))
    const [found, ...more] = yunet.read(named(outputs), { width: 64, height: 64 }, 0.5)
    expect(more).toEqual([])
    expect(found!.score).toBeCloseTo(0.6, 6)
    const { x, y, width, height } = found!.box
    expect([x, y, width, height].map((one) => Math.round(one * 1e4) / 1e4)).toEqual([
      48 - 8,
      40 - 12,
      16,
      24,
    ])
    expect(found!.points[0]!.x).toBeCloseTo(32 + 3.2, 5)
  })
})

describe('UltraFace', () => {
  it('gives corners as shares of the input', () => {
    const outputs = [
      { name: 'scores', dims: [1, 2, 2], data: Float32Array.of(0.9, 0.1, 0.25, 0.75) },
      { name: 'boxes', dims: [1, 2, 4], data: Float32Array.of(0, 0, 1, 1, 0.25, 0.5, 0.75, 1) },
    ]
    expect(ultraface.read(named(outputs), { width: 320, height: 240 }, 0.65)).toEqual([
      { score: 0.75, box: { x: 80, y: 120, width: 160, height: 120 }, points: [] },
    ])
  })
})

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

describe('quarters', () => {
  it('cover the picture, overlap, and hold its pixels', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        (width, height) => {
          const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 31) % 251)
          const seen = new Uint8Array(width * height)
          for (const box of quarters({ width, height })) {
            const part = cut({ width, height, pixels }, box)
            for (let y = 0; y < box.height; y++)
              for (let x = 0; x < box.width; x++) {
                const at = (box.y + y) * width + box.x + x
                seen[at] = 1
                if (part.pixels[(y * box.width + x) * 3] !== pixels[at * 3])
                  throw new Error('moved')
              }
          }
          expect(seen.every((one) => one === 1)).toBe(true)
        },
      ),
    )
  })
})

describe('isCut', () => {
  const picture = { width: 400, height: 300 }
  const tile = { x: 171, y: 0, width: 229, height: 172 }
  const at = (x: number, y: number) => isCut({ x, y, width: 50, height: 50 }, tile, picture)
  it.each([
    ['inside', 20, 60, false],
    ["at the tile's left side, which cuts the picture", 0, 60, true],
    ["at the tile's lower side", 20, 122, true],
    ["at the picture's upper side", 20, -3, false],
    ["at the picture's right side", 179, 60, false],
  ])('a box %s', (_, x, y, expected) => {
    expect(at(x, y)).toBe(expected)
  })
})

describe('paint', () => {
  it('fits the photograph into the upper left part, in the order and range of the network', async () => {
    const pixels = Uint8Array.from({ length: 2 * 4 * 3 }, (_, i) => [10, 20, 30][i % 3]!)
    const photo = { width: 4, height: 2, pixels }
    const size = { width: 16, height: 16 }
    const { values, scale } = await paint(photo, size, 0.5, yunet)
    expect(scale).toBe(2)
    const at = (channel: number, x: number, y: number) => values[(channel * 16 + y) * 16 + x]
    expect([at(0, 0, 0), at(1, 7, 3), at(2, 3, 3)]).toEqual([30, 20, 10])
    expect([at(0, 8, 0), at(0, 0, 4)]).toEqual([0, 0])
    const other = await paint(photo, size, 1, scrfd)
    expect(other.values[0]).toBeCloseTo((10 - 127.5) / 128, 6)
    expect(other.values.at(-1)).toBeCloseTo(-127.5 / 128, 6)
  })
})

describe('Detector', () => {
  it('refuses files that are no detectors', async () => {
    await expect(openDetector('none.onnx')).rejects.toMatchObject({ code: 'ONNX_UNREADABLE' })
    const use = { code: 'RECOGNIZE_USE' }
    await expect(openDetector('none.onnx', { minScore: 0 })).rejects.toMatchObject(use)
    await expect(openDetector('none.onnx', { threads: 0 })).rejects.toMatchObject(use)
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
          code: 'RECOGNIZE_USE',
          message: expect.stringMatching(/did you mean small/),
        })
      }
      await detector.close()
      await expect(
        detector.detect({ width: 1, height: 1, pixels: new Uint8Array(3) }),
      ).rejects.toMatchObject({ code: 'RECOGNIZE_USE' })
    },
  )

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
  it('patterns that are found, many at a score of 0.99, are hardly faces', async () => {
    const { path, landmarks } = await findDetector(undefined, DEFAULT_PACK)
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
