import { IMAGE_BYTES, Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { augment } from './augment.js'
import { scaleBrightness, scaleContrast, scaleSaturation } from './color.js'

function noise(seed: number): Uint8Array {
  const random = new Random(seed)
  const [low, width] = [random.below(200), 1 + random.below(56)]
  return Uint8Array.from({ length: IMAGE_BYTES }, () => low + random.below(width))
}

type Pixel = readonly [number, number, number]
const luma = ([red, green, blue]: Pixel) => 0.299 * red + 0.587 * green + 0.114 * blue
const pixels = (image: Uint8Array): Pixel[] =>
  Array.from({ length: image.length / 3 }, (_, i) => [
    image[3 * i]!,
    image[3 * i + 1]!,
    image[3 * i + 2]!,
  ])

// torchvision's functional.adjust_*: a blend of the image with black, its mean luma, its luma.
const formulas = {
  brightness: () => () => 0,
  contrast: (all: Pixel[]) => {
    const mean = all.reduce((sum, pixel) => sum + luma(pixel), 0) / all.length
    return () => mean
  },
  saturation: () => luma,
}
const functions = {
  brightness: scaleBrightness,
  contrast: scaleContrast,
  saturation: scaleSaturation,
}
const names = ['brightness', 'contrast', 'saturation'] as const

describe('scaleBrightness, scaleContrast, scaleSaturation', () => {
  it.each(names)('%s is the blend of torchvision, in float64, clamped and rounded', (name) => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 3, noNaN: true }), (seed, factor) => {
        const image = noise(seed)
        const other = formulas[name](pixels(image))
        const expected = pixels(image).flatMap((pixel) =>
          pixel.map((v) => Math.min(255, Math.max(0, factor * v + (1 - factor) * other(pixel)))),
        )
        const out = image.slice()
        functions[name](out, factor)
        const worst = out.reduce((max, v, i) => Math.max(max, Math.abs(v - expected[i]!)), 0)
        expect(worst).toBeLessThan(0.5 + 1e-6)
      }),
      { numRuns: 20 },
    )
  })

  it.each(names)('%s changes nothing at a factor of 1', (name) => {
    const out = noise(5)
    functions[name](out, 1)
    expect(Buffer.compare(out, noise(5))).toBe(0)
  })

  it('gives known values', () => {
    const out = new Uint8Array(IMAGE_BYTES)
    const set = (...pixel: number[]) => {
      for (let i = 0; i < IMAGE_BYTES; i += 3) out.set(pixel, i)
    }
    set(100, 200, 20)
    scaleBrightness(out, 1.5)
    expect([...out.subarray(0, 3)]).toEqual([150, 255, 30])
    set(100, 200, 20) // luma 149.58
    scaleContrast(out, 0.5)
    expect([...out.subarray(0, 3)]).toEqual([125, 175, 85])
    set(100, 200, 20)
    scaleSaturation(out, 0)
    expect([...out.subarray(0, 3)]).toEqual([150, 150, 150])
    set(100, 200, 20)
    scaleSaturation(out, 2)
    expect([...out.subarray(0, 3)]).toEqual([50, 250, 0])
  })
})

describe('colorJitter', () => {
  const run = (seed: number, jitter: Partial<Record<(typeof names)[number], number>>) => {
    const out = new Uint8Array(IMAGE_BYTES)
    const off = { probability: 1, brightness: 0, contrast: 0, saturation: 0 }
    augment(noise(3), { colorJitter: { ...off, ...jitter } }, new Random(seed), out)
    return out
  }

  it('changes nothing at strength 0', () => {
    for (let seed = 0; seed < 20; seed++) expect(Buffer.compare(run(seed, {}), noise(3))).toBe(0)
  })

  it('draws factors uniformly from 1 - x to 1 + x, never below 0', () => {
    const n = 300
    const mean = (image: Uint8Array) => image.reduce((sum, v) => sum + v, 0) / IMAGE_BYTES
    for (const [most, low, high] of [
      [0.3, 0.7, 1.3],
      [2, 0, 3],
    ] as const) {
      const dark = new Uint8Array(IMAGE_BYTES).fill(80) // three times is still no more than white
      const factors = Array.from({ length: n }, (_, seed) => {
        const out = new Uint8Array(IMAGE_BYTES)
        const colorJitter = { probability: 1, brightness: most, contrast: 0, saturation: 0 }
        augment(dark, { colorJitter }, new Random(seed), out)
        return mean(out) / 80
      })
      expect(Math.min(...factors)).toBeGreaterThan(low - 0.01)
      expect(Math.max(...factors)).toBeLessThan(high + 0.01)
      const average = factors.reduce((sum, f) => sum + f, 0) / n
      const deviation = (high - low) / Math.sqrt(12)
      expect(Math.abs(average - (low + high) / 2)).toBeLessThan((5 * deviation) / Math.sqrt(n))
    }
  })

  it('applies the three in every order', () => {
    // Replays the stream: the order, then the factors in it. What is cut at 255 tells one order from another.
    const image = noise(3)
    const orders = new Set<string>()
    for (let seed = 0; seed < 80; seed++) {
      const random = new Random(seed)
      random.chance(0) // the draw of the probability; what is off draws nothing
      const order = [...random.permutation(3)].map((i) => names[i]!)
      const expected = image.slice()
      for (const name of order) functions[name](expected, random.between(0, 2))
      expect(
        Buffer.compare(run(seed, { brightness: 1, contrast: 1, saturation: 1 }), expected),
      ).toBe(0)
      orders.add(order.join())
    }
    expect(orders.size).toBe(6)
  })
})
