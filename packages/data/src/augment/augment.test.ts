import { IMAGE_BYTES, IMAGE_SIZE, Random } from '@arcface/vision'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { augment } from './augment.js'
import { type AugmentOptions, checkAugmentOptions } from './options.js'

const S = IMAGE_SIZE

function noise(seed: number): Uint8Array {
  const random = new Random(seed)
  return Uint8Array.from({ length: IMAGE_BYTES }, () => random.below(256))
}

/** A ramp whose value says where a pixel came from: red = 2x, green = 2y. */
function ramp(): Uint8Array {
  const image = new Uint8Array(IMAGE_BYTES)
  for (let y = 0; y < S; y++)
    for (let x = 0; x < S; x++) image.set([2 * x, 2 * y, 100], (y * S + x) * 3)
  return image
}

function run(image: Uint8Array, options: AugmentOptions, seed: number): Uint8Array {
  const out = new Uint8Array(IMAGE_BYTES)
  augment(image, options, new Random(seed), out)
  return out
}

function mirrored(image: Uint8Array): Uint8Array {
  return image.map((_, i) => {
    const pixel = Math.floor(i / 3)
    const x = pixel % S
    return image[(pixel - x + S - 1 - x) * 3 + (i % 3)]!
  })
}

/** Faster than toEqual on 37,632 numbers. */
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0

const all: AugmentOptions = {
  flip: true,
  translate: 6,
  scale: 0.2,
  rotate: 0.3,
  brightness: 0.3,
  contrast: 0.5,
  grayscale: 0.3,
  cutout: { probability: 0.5, minSize: 0.1, maxSize: 0.5 },
  lowResolution: { probability: 0.5, minSide: 14 },
  crop: { probability: 0.5, minArea: 0.2 },
  blur: { probability: 0.5, minSigma: 0.1, maxSigma: 2 },
  colorJitter: { probability: 0.5, brightness: 0.5, contrast: 0.5, saturation: 0.5 },
}

const seeds = fc.nat()
const check = (property: (seed: number) => void) =>
  fc.assert(
    fc.property(seeds, (seed) => {
      property(seed)
    }),
    { numRuns: 30 },
  )

describe('augment', () => {
  it('changes nothing when everything is off', () => {
    check((seed) => expect(equal(run(noise(seed), {}, seed), noise(seed))).toBe(true))
  })

  it('is decided by image and seed, and leaves the image alone', () => {
    check((seed) => {
      const image = noise(seed)
      const once = run(image, all, seed)
      expect(equal(image, noise(seed))).toBe(true)
      expect(equal(run(image, all, seed), once)).toBe(true)
    })
  })

  it('flips to the mirror image, every second time', () => {
    const image = noise(1)
    const mirror = mirrored(image)
    let flips = 0
    for (let seed = 0; seed < 1000; seed++) {
      const out = run(image, { flip: true }, seed)
      const flipped = out[0] === mirror[0] && out[1] === mirror[1] && out[2] === mirror[2]
      if (seed < 50) expect(equal(out, flipped ? mirror : image)).toBe(true)
      if (flipped) flips++
    }
    expect(Math.abs(flips - 500)).toBeLessThan(5 * Math.sqrt(250))
  })

  it('moves and scales by an affine map within the limits, the same for rows and columns', () => {
    check((seed) => {
      const out = run(ramp(), { translate: 5, scale: 0.1 }, seed)
      const source = (x: number, y: number) => {
        const at = (y * S + x) * 3
        return [out[at]! / 2, out[at + 1]! / 2] as const
      }
      // Source positions at two interior points give the factor and the shift.
      const [x0, y0] = source(30, 30)
      const [x1, y1] = source(80, 80)
      const factor = 50 / (x1 - x0)
      expect(factor).toBeGreaterThan(0.88)
      expect(factor).toBeLessThan(1.12)
      expect(Math.abs(x1 - x0 - (y1 - y0))).toBeLessThanOrEqual(1)
      const centre = (S - 1) / 2
      for (const middle of [(x0 + x1) / 2, (y0 + y1) / 2])
        expect(Math.abs(55 - centre - (middle - centre) * factor)).toBeLessThan(5.8)
    })
  })

  it('turns about the centre, lengths kept, by angles uniform within the limit', () => {
    const angles = Array.from({ length: 200 }, (_, seed) => {
      const out = run(ramp(), { rotate: 0.2 }, seed)
      // The source of a point 40 right of the centre, from it; half a pixel off the grid cancels.
      const source = (x: number, y: number) => [0, 1].map((c) => out[(y * S + x) * 3 + c]! / 2)
      const [right, left] = [source(96, 56), source(15, 55)]
      const [across, down] = [right[0]! - left[0]!, right[1]! - left[1]!]
      expect(Math.abs(Math.hypot(across, down) - Math.hypot(81, 1))).toBeLessThan(1)
      for (const c of [0, 1]) expect(Math.abs((right[c]! + left[c]!) / 2 - 55.5)).toBeLessThan(1)
      // Where the target's content turns by an angle, its source turns back.
      return Math.atan2(1, 81) - Math.atan2(down, across)
    })
    expect(Math.max(...angles.map(Math.abs))).toBeLessThan(0.21)
    const mean = angles.reduce((sum, a) => sum + a, 0) / angles.length
    const variance = angles.reduce((sum, a) => sum + a * a, 0) / angles.length
    expect(Math.abs(mean)).toBeLessThan((5 * 0.2) / Math.sqrt(3 * 200))
    expect(Math.abs(Math.sqrt(variance) - 0.2 / Math.sqrt(3))).toBeLessThan(0.02)
  })

  it('flips after moving: the flipped result is the mirror of the unflipped', () => {
    const image = noise(3)
    const options = { translate: 5, scale: 0.1, rotate: 0.2 }
    for (let seed = 0; seed < 20; seed++) {
      const random = new Random(seed)
      const flips = random.chance(0.5)
      const plain = new Uint8Array(IMAGE_BYTES)
      augment(image, options, random, plain)
      const out = run(image, { ...options, flip: true }, seed)
      expect(equal(out, flips ? mirrored(plain) : plain)).toBe(true)
    }
  })

  it('changes brightness and contrast by one rising map for all pixels', () => {
    check((seed) => {
      const image = noise(seed)
      const out = run(image, { brightness: 0.3, contrast: 0.5 }, seed)
      const map = new Array<number>(256).fill(-1)
      image.forEach((v, i) => {
        map[v] = out[i]!
      })
      expect(
        equal(
          out,
          image.map((v) => map[v]!),
        ),
      ).toBe(true)
      const seen = map.filter((v) => v !== -1)
      expect(seen).toEqual([...seen].sort((a, b) => a - b))
    })
  })

  it('drops the colour to luma', () => {
    const out = run(ramp(), { grayscale: 1 }, 1)
    let worst = 0
    for (let i = 0; i < IMAGE_BYTES; i++) {
      const pixel = Math.floor(i / 3)
      const luma = 0.299 * 2 * (pixel % S) + 0.587 * 2 * Math.floor(pixel / S) + 0.114 * 100
      worst = Math.max(worst, Math.abs(out[i]! - luma))
    }
    expect(worst).toBeLessThan(1.5)
    expect(out.every((v, i) => v === out[i - (i % 3)])).toBe(true)
  })

  it('cuts out one grey square of an allowed size', () => {
    const image = new Uint8Array(IMAGE_BYTES).fill(255)
    check((seed) => {
      const out = run(image, { cutout: { probability: 1, minSize: 0.1, maxSize: 0.4 } }, seed)
      const columns = new Set<number>()
      const rows = new Set<number>()
      let count = 0
      for (let pixel = 0; pixel < S * S; pixel++)
        if (out[pixel * 3] !== 255) {
          columns.add(pixel % S)
          rows.add(Math.floor(pixel / S))
          count++
        }
      expect(rows.size).toBe(columns.size)
      expect(count).toBe(rows.size ** 2)
      expect(rows.size / S).toBeGreaterThan(0.095)
      expect(rows.size / S).toBeLessThan(0.405)
    })
  })

  it('lowers the resolution: means and ramps stay, pixel noise goes', () => {
    const options = { lowResolution: { probability: 1, minSide: 16 } }
    check((seed) => {
      const flat = new Uint8Array(IMAGE_BYTES).fill(seed % 256)
      expect(equal(run(flat, options, seed), flat)).toBe(true)
      const out = run(ramp(), options, seed)
      for (let i = 20; i < S - 20; i++)
        expect(Math.abs(out[(50 * S + i) * 3]! - 2 * i)).toBeLessThan(9)
    })
    const deviation = (image: Uint8Array) =>
      Math.sqrt(image.reduce((sum, v) => sum + (v - 127.5) ** 2, 0) / IMAGE_BYTES)
    const low = { lowResolution: { probability: 1, minSide: 16 } }
    // Sides are drawn from 16 to 112: over many draws the noise must lose most of its variance.
    const left = Array.from({ length: 20 }, (_, seed) => deviation(run(noise(seed), low, seed)))
    expect(left.reduce((sum, d) => sum + d, 0) / 20).toBeLessThan(0.65 * deviation(noise(0)))
    // A pixel of noise of 8 x 8 stands for 196: of the deviation a fourteenth is left, and less between the centres.
    const tiny = { lowResolution: { probability: 1, minSide: 8, maxSide: 8 } }
    expect(deviation(run(noise(3), tiny, 3))).toBeLessThan(deviation(noise(3)) / 14)
  })
})

describe('checkAugmentOptions', () => {
  it('names the value that makes no sense', () => {
    checkAugmentOptions(all)
    const bad: [AugmentOptions, RegExp][] = [
      [{ translate: -1 }, /augment\.translate/],
      [{ scale: Number.NaN }, /augment\.scale/],
      [{ rotate: 4 }, /augment\.rotate/],
      [{ grayscale: 2 }, /augment\.grayscale/],
      [{ cutout: { probability: 1, minSize: 0.5, maxSize: 0.2 } }, /augment\.cutout\.minSize/],
      [{ lowResolution: { probability: 1, minSide: 0 } }, /augment\.lowResolution\.minSide/],
      [
        { lowResolution: { probability: 1, minSide: 20, maxSide: 12 } },
        /augment\.lowResolution\.minSide must be from 1 to 12/,
      ],
      [{ crop: { probability: 0.2, minArea: 1.1 } }, /augment\.crop\.minArea/],
      [{ blur: { probability: 1, minSigma: 3, maxSigma: 2 } }, /augment\.blur\.minSigma/],
      [{ blur: { probability: -1, minSigma: 0, maxSigma: 2 } }, /augment\.blur\.probability/],
      [
        { colorJitter: { probability: 1, brightness: 0, contrast: -1, saturation: 0 } },
        /augment\.colorJitter\.contrast/,
      ],
    ]
    for (const [options, message] of bad)
      expect(() => checkAugmentOptions(options)).toThrow(
        expect.objectContaining({ code: 'DATA_OPTION', message: expect.stringMatching(message) }),
      )
  })
})
