import { IMAGE_BYTES, IMAGE_SIZE, Random } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { augment } from './augment.js'
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

describe('crop', () => {
  const bright = noise(7).map((v) => Math.max(1, v))

  /** Bounds of what is not black. */
  function rectangle(image: Uint8Array) {
    let [left, top, right, bottom] = [S, S, -1, -1]
    for (let y = 0; y < S; y++)
      for (let x = 0; x < S; x++)
        if (image[(y * S + x) * 3] !== 0) {
          left = Math.min(left, x)
          right = Math.max(right, x)
          top = Math.min(top, y)
          bottom = Math.max(bottom, y)
        }
    return { left, top, width: right - left + 1, height: bottom - top + 1 }
  }

  it('keeps one rectangle of an allowed area and shape where it is, and blackens the rest', () => {
    const corners = new Set<number>()
    for (let seed = 0; seed < 300; seed++) {
      const out = run(bright, { crop: { probability: 1, minArea: 0.2 } }, seed)
      const { left, top, width, height } = rectangle(out)
      corners.add(top * S + left)
      const share = (width * height) / (S * S)
      expect(share).toBeGreaterThan(0.19)
      expect(width / height).toBeGreaterThan(0.73)
      expect(width / height).toBeLessThan(1.37)
      for (let pixel = 0; pixel < S * S; pixel++) {
        const [x, y] = [pixel % S, Math.floor(pixel / S)]
        const inside = x >= left && x < left + width && y >= top && y < top + height
        if (out[pixel * 3] !== (inside ? bright[pixel * 3] : 0)) expect.fail(`${x}, ${y}`)
      }
    }
    expect(corners.size).toBeGreaterThan(150)
  })

  it('leaves the image whole where all of its area is to stay', () => {
    for (let seed = 0; seed < 50; seed++)
      expect(equal(run(bright, { crop: { probability: 1, minArea: 1 } }, seed), bright)).toBe(true)
  })
})
