import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Photo } from '../image/photo.js'
import { Random } from '../random/random.js'
import { cropSquare, reflected } from './crop.js'

function noise(width: number, height: number, seed = 1): Photo {
  const random = new Random(seed)
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.below(256))
  return { width, height, pixels }
}

/** The picture at a place, mirrored at its borders as often as need be; one step at a time. */
function walked(place: number, limit: number): number {
  let at = place
  while (at < 0 || at >= limit) {
    if (limit === 1) return 0
    if (at < 0) at = -at
    if (at >= limit) at = 2 * (limit - 1) - at
  }
  return at
}

/** By the definition, each value from all pixels that a triangle about its middle reaches, both ways at once. */
function slow(photo: Photo, x: number, y: number, side: number, size: number): number[] {
  const step = side / size
  const reach = Math.max(1, step)
  const weight = (pixel: number, middle: number) =>
    Math.max(0, 1 - Math.abs(pixel + 0.5 - middle) / reach)
  const out: number[] = []
  for (let v = 0; v < size; v++)
    for (let u = 0; u < size; u++) {
      const [mx, my] = [x + (u + 0.5) * step, y + (v + 0.5) * step]
      const sums = [0, 0, 0]
      let all = 0
      for (let py = Math.floor(my - reach) - 1; py <= my + reach + 1; py++)
        for (let px = Math.floor(mx - reach) - 1; px <= mx + reach + 1; px++) {
          const w = weight(px, mx) * weight(py, my)
          all += w
          const at = 3 * (walked(py, photo.height) * photo.width + walked(px, photo.width))
          for (let c = 0; c < 3; c++) sums[c]! += w * photo.pixels[at + c]!
        }
      out.push(...sums.map((sum) => sum / all))
    }
  return out
}

interface Golden {
  readonly width: number
  readonly height: number
  readonly cases: readonly {
    readonly x: number
    readonly y: number
    readonly side: number
    readonly size: number
    readonly values: readonly number[]
  }[]
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../goldens/generated/liveness.json', import.meta.url), 'utf8'),
)

describe('a square of a photograph', () => {
  it("is Pillow's, beyond the borders numpy's reflection", () => {
    const { width, height, cases } = golden
    const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
      return (7 * x + 13 * y + 31 * c + ((x * y) % 11) * 5) % 256
    })
    for (const { size, values, ...square } of cases) {
      const found = cropSquare({ width, height, pixels }, square, size)
      const farthest = Math.max(...values.map((value, i) => Math.abs(value - found[i]!)))
      expect(values.length).toBe(found.length)
      expect(farthest).toBeLessThan(0.01)
    }
  })

  it.each([
    ['inside, shrunk', 60, 50, 5.3, 8.9, 37.7, 9],
    ['inside, enlarged', 60, 50, 20.25, 11.5, 6.6, 16],
    ['beyond two borders', 40, 30, -11.4, 12.2, 35, 12],
    ['larger than all of it', 13, 9, -20, -31.5, 70.5, 16],
    ['of a single pixel', 1, 1, -3, -3, 9, 4],
  ])('%s', (_, width, height, x, y, side, size) => {
    const photo = noise(width, height)
    const expected = slow(photo, x, y, side, size)
    const found = cropSquare(photo, { x, y, side }, size)
    expect(found.length).toBe(size * size * 3)
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 3)
    })
  })

  it('at its own size is its pixels', () => {
    const photo = noise(20, 20)
    const found = cropSquare(photo, { x: 0, y: 0, side: 20 }, 20)
    expect([...found]).toEqual([...photo.pixels])
  })

  it('reflects without repeating the border', () => {
    expect([-3, -2, -1, 0, 1, 2, 3, 4, 5, 6].map((place) => reflected(place, 4))).toEqual([
      3, 2, 1, 0, 1, 2, 3, 2, 1, 0,
    ])
  })
})
