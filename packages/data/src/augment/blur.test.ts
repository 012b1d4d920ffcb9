import { IMAGE_BYTES, IMAGE_SIZE, Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { augment } from './augment.js'
import { blur } from './blur.js'
import type { AugmentOptions } from './options.js'

const S = IMAGE_SIZE

function noise(seed: number): Uint8Array {
  const random = new Random(seed)
  return Uint8Array.from({ length: IMAGE_BYTES }, () => random.below(256))
}

function run(image: Uint8Array, options: AugmentOptions, seed: number): Uint8Array {
  const out = new Uint8Array(IMAGE_BYTES)
  augment(image, options, new Random(seed), out)
  return out
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

describe('blur', () => {
  it('is the convolution with a Gaussian, in two dimensions and float64', () => {
    const at = (i: number) => Math.min(S - 1, Math.max(0, i))
    fc.assert(
      fc.property(
        fc.nat(),
        fc.double({ min: 0.05, max: 6, noNaN: true }),
        fc.array(fc.tuple(fc.nat(S - 1), fc.nat(S - 1), fc.nat(2)), { minLength: 5 }),
        (seed, sigma, places) => {
          const image = noise(seed)
          const out = image.slice()
          blur(out, sigma)
          const reach = Math.ceil(3 * sigma)
          for (const [x, y, c] of [...places, [0, 0, 0] as const, [S - 1, S - 1, 2] as const]) {
            let [sum, weights] = [0, 0]
            for (let dy = -reach; dy <= reach; dy++)
              for (let dx = -reach; dx <= reach; dx++) {
                const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
                sum += weight * image[(at(y + dy) * S + at(x + dx)) * 3 + c]!
                weights += weight
              }
            expect(Math.abs(out[(y * S + x) * 3 + c]! - sum / weights)).toBeLessThan(0.501)
          }
        },
      ),
      { numRuns: 15 },
    )
  })

  it('leaves an even image and sigma 0 alone', () => {
    const even = new Uint8Array(IMAGE_BYTES).fill(93)
    blur(even, 3)
    expect(even.every((v) => v === 93)).toBe(true)
    const options = { blur: { probability: 1, minSigma: 0, maxSigma: 0 } }
    expect(equal(run(noise(2), options, 1), noise(2))).toBe(true)
  })

  it('is decided by the seed, and done with its probability', () => {
    const options = { blur: { probability: 0.2, minSigma: 0.5, maxSigma: 2 } }
    const image = noise(4)
    let changed = 0
    for (let seed = 0; seed < 500; seed++) {
      const out = run(image, options, seed)
      if (!equal(out, image)) changed++
      if (seed < 20) expect(equal(run(image, options, seed), out)).toBe(true)
    }
    expect(Math.abs(changed - 100)).toBeLessThan(5 * Math.sqrt(500 * 0.2 * 0.8))
  })
})
