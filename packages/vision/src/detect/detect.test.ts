import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paint } from './canvas.js'
import { type Box, type Detection, overlap, suppress } from './detection.js'
import { scrfd } from './scrfd.js'
import { cut, isCut, quarters } from './tiles.js'
import { ultraface } from './ultraface.js'
import { yunet } from './yunet.js'

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
