import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Photo } from '../image/photo.js'
import { paintShrunk } from './shrink.js'

/** Width, height, columns, rows: fewer than half as many. */
const sizes = fc
  .record({
    columns: fc.integer({ min: 1, max: 7 }),
    rows: fc.integer({ min: 1, max: 7 }),
    ratio: fc.double({ min: 2, max: 14, noNaN: true }),
  })
  .map(({ columns, rows, ratio }) => ({
    width: Math.ceil(columns * ratio),
    height: Math.ceil(rows * ratio),
    columns,
    rows,
  }))

const noise = (width: number, height: number, seed: number): Photo => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const mixed = Math.imul(seed ^ (i * 2654435761), 2246822519)
    return (mixed ^ (mixed >>> 13)) & 255
  }),
})

/** RGB, rows of pixels. */
function shrunk(photo: Photo, columns: number, rows: number): Float32Array {
  const planes = new Float32Array(3 * columns * rows)
  paintShrunk(photo, { columns, rows }, [0, 1, 2], 0, 1, planes, columns)
  return planes.map((_, i) => planes[(i % 3) * columns * rows + Math.floor(i / 3)]!)
}

/** How much of a pixel is in each sample, by the definition: triangles over the means of blocks, the last pixel repeated. */
function shares(pixels: number, samples: number): number[][] {
  const side = Math.max(1, Math.floor(pixels / samples / 2))
  const last = Math.ceil(pixels / side) - 1
  const ratio = pixels / side / samples
  return Array.from({ length: samples }, (_, sample) => {
    const middle = (sample + 0.5) * ratio - 0.5
    const weights = new Float64Array(last + 1)
    for (let block = -pixels; block < 2 * pixels; block++)
      weights[Math.min(Math.max(block, 0), last)]! += Math.max(
        0,
        1 - Math.abs(block - middle) / ratio,
      )
    const sum = weights.reduce((a, b) => a + b)
    return Array.from({ length: pixels }, (_, pixel) => {
      const block = Math.floor(pixel / side)
      const repeated = pixel === pixels - 1 ? (last + 1) * side - pixels : 0
      return ((1 + repeated) * weights[block]!) / sum / side
    })
  })
}

describe('paintShrunk', () => {
  it('is the mean by triangles over blocks, at any size, within what bytes between the steps and places of 1/64 leave', () => {
    fc.assert(
      fc.property(sizes, fc.integer(), ({ width, height, columns, rows }, seed) => {
        const photo = noise(width, height, seed)
        const [x, y] = [shares(width, columns), shares(height, rows)]
        const found = shrunk(photo, columns, rows)
        found.forEach((value, i) => {
          const [u, v, channel] = [Math.floor(i / 3) % columns, Math.floor(i / 3 / columns), i % 3]
          let expected = 0
          for (let row = 0; row < height; row++)
            for (let column = 0; column < width; column++)
              expected +=
                x[u]![column]! * y[v]![row]! * photo.pixels[(row * width + column) * 3 + channel]!
          expect(Math.abs(value - expected)).toBeLessThan(4)
        })
      }),
    )
  })

  it('leaves a constant as it is', () => {
    fc.assert(
      fc.property(sizes, fc.nat(255), ({ width, height, columns, rows }, value) => {
        const pixels = new Uint8Array(width * height * 3).fill(value)
        for (const sample of shrunk({ width, height, pixels }, columns, rows))
          expect(sample).toBeCloseTo(value, 4)
      }),
    )
  })

  it('gives of a picture that is mirrored both ways the result mirrored', () => {
    // Whole blocks: those that are cut lie at one side only.
    const counts = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(
        counts,
        counts,
        fc.integer({ min: 2, max: 12 }),
        fc.integer(),
        (columns, rows, ratio, seed) => {
          const even = ratio - (ratio > 3 ? ratio % 2 : 0)
          const photo = noise(columns * even, rows * even, seed)
          const { width, height, pixels } = photo
          const mirrored = pixels.map(
            (_, i) => pixels[(width * height - 1 - Math.floor(i / 3)) * 3 + (i % 3)]!,
          )
          const a = shrunk(photo, columns, rows)
          const b = shrunk({ width, height, pixels: mirrored }, columns, rows)
          a.forEach((value, i) => {
            expect(
              Math.abs(value - b[(columns * rows - 1 - Math.floor(i / 3)) * 3 + (i % 3)]!),
            ).toBeLessThan(1)
          })
        },
      ),
    )
  })

  it('keeps the mean of a picture that ends in a wide black border', () => {
    for (const ratio of [2.3, 3.6, 6.25, 9.375]) {
      const [columns, rows] = [32, 24]
      const [width, height] = [columns * ratio, rows * ratio].map(Math.ceil) as [number, number]
      const photo = noise(width, height, 7)
      const pixels = photo.pixels.map((value, i) => {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
        const border = 3 * ratio
        return x < border || y < border || x >= width - border || y >= height - border ? 0 : value
      })
      const mean = (values: ArrayLike<number>) =>
        Array.from(values).reduce((a, b) => a + b) / values.length
      const after = mean(shrunk({ width, height, pixels }, columns, rows))
      expect(Math.abs(after / mean(pixels) - 1)).toBeLessThan(0.01)
    }
  })
})
