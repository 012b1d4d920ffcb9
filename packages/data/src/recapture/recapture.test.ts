import type { Photo } from '@arcface/vision'
import { describe, expect, it } from 'vitest'
import { RECAPTURES, type Recapture, recapture } from './recapture.js'

const [W, H] = [160, 200]
const face = {
  box: { x: 30, y: 50, width: 100, height: 100 },
  points: [
    { x: 60, y: 85 },
    { x: 100, y: 85 },
  ],
}

const drawn = (of: (x: number, y: number) => number): Photo => ({
  width: W,
  height: H,
  pixels: Uint8Array.from({ length: W * H * 3 }, (_, i) =>
    of(Math.floor(i / 3) % W, Math.floor(i / 3 / W)),
  ),
})
const grey = (value: number) => drawn(() => value)
const one = (photo: Photo, species: Recapture, number = 0, seed = 1): Photo =>
  recapture(photo, face, species, { seed, number })[0]!

const alike = (some: readonly Photo[], others: readonly Photo[]) =>
  some.every(({ pixels }, i) => Buffer.compare(pixels, others[i]!.pixels) === 0)

/** Mean of a square about a place that is told in shares of the picture. */
function meanAt({ width, height, pixels }: Photo, x: number, y: number, half = 8): number {
  let [sum, count] = [0, 0]
  for (let v = Math.round(y * height) - half; v < Math.round(y * height) + half; v++)
    for (let u = Math.round(x * width) - half; u < Math.round(x * width) + half; u++)
      for (let c = 0; c < 3; c++, count++) sum += pixels[(v * width + u) * 3 + c]!
  return sum / count
}

/** Power at so many waves a pixel along the middle row, less its mean. */
function power({ width, height, pixels }: Photo, frequency: number): number {
  const row = Math.floor(height / 2) * width
  const values = Array.from({ length: width - 60 }, (_, i) => pixels[(row + i + 30) * 3]!)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let [re, im] = [0, 0]
  for (const [i, value] of values.entries()) {
    re += (value - mean) * Math.cos(2 * Math.PI * frequency * i)
    im += (value - mean) * Math.sin(2 * Math.PI * frequency * i)
  }
  return Math.hypot(re, im) / values.length
}

describe('recapture', () => {
  it.each(RECAPTURES)('draws %s by seed and number alone', (species) => {
    const photo = drawn((x, y) => (x * 3 + y * 5) % 256)
    const before = photo.pixels.slice()
    const key = { seed: 4, number: 2 }
    const first = recapture(photo, face, species, key)
    const isFirst = (of: typeof key) => alike(recapture(photo, face, species, of), first)
    expect(isFirst(key)).toBe(true)
    expect(isFirst({ ...key, seed: 5 })).toBe(false)
    expect(isFirst({ ...key, number: 3 })).toBe(false)
    expect(Buffer.compare(photo.pixels, before)).toBe(0)
    for (const { width, height, pixels } of first) expect(pixels).toHaveLength(width * height * 3)
  })

  it('keeps the order of brightness', () => {
    for (const species of RECAPTURES) {
      const means = [20, 90, 160, 230].map((value) => meanAt(one(grey(value), species), 0.5, 0.55))
      expect(means).toEqual(means.toSorted((a, b) => a - b))
      expect(means[3]! - means[0]!).toBeGreaterThan(80)
    }
  })

  it('prints dots of ink on a sheet with a white border', () => {
    const print = one(grey(128), 'simulated-print')
    const plain = one(grey(255), 'simulated-print')
    // Dots: a plain grey is none any more. Paper without ink is nearly plain.
    const spread = (photo: Photo) => {
      const { width, height, pixels } = photo
      const row = pixels.subarray(
        (Math.floor(height / 2) * width + 40) * 3,
        (Math.floor(height / 2) * width + width - 40) * 3,
      )
      const mean = row.reduce((sum, value) => sum + value, 0) / row.length
      return Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length)
    }
    expect(spread(print)).toBeGreaterThan(2 * spread(plain))
    expect([print.width, print.height]).toEqual([184, 230])
  })

  it("lets the screen's pixels beat against the camera's", () => {
    for (let number = 0; number < 8; number++) {
      const screen = one(grey(140), 'simulated-screen', number)
      const beats = Array.from({ length: 30 }, (_, i) => power(screen, 0.015 + i * 0.004))
      const others = Array.from({ length: 30 }, (_, i) => power(screen, 0.2 + i * 0.008))
      expect(Math.max(...beats)).toBeGreaterThan(3 * Math.max(...others))
    }
  })

  it('cuts the face out and holes for the eyes', () => {
    const photo = grey(150)
    const mask = one(photo, 'simulated-cutout')
    const at = (x: number, y: number) => meanAt(mask, x / W, y / H, 2)
    // Beside it is what was there, in the holes it is darker.
    expect(Math.abs(at(8, 100) - 150)).toBeLessThan(15)
    expect(Math.abs(at(152, 20) - 150)).toBeLessThan(15)
    for (const { x, y } of face.points) expect(Math.abs(at(x, y) - 0.72 * 150)).toBeLessThan(12)
    expect([mask.width, mask.height]).toEqual([W, H])
  })

  it('draws several frames of a video, no two alike', () => {
    const frames = recapture(grey(120), face, 'simulated-replay', { seed: 1, number: 0 })
    expect(frames).toHaveLength(3)
    expect(alike(frames.slice(0, 1), frames.slice(1, 2))).toBe(false)
    expect(alike(frames.slice(1, 2), frames.slice(2, 3))).toBe(false)
  })

  it('refuses what is no face, no species and no seed', () => {
    const refused = expect.objectContaining({ code: 'DATA_OPTION' })
    const key = { seed: 1, number: 0 }
    const photo = grey(1)
    expect(() => recapture(photo, { ...face, points: [] }, 'simulated-print', key)).toThrow(refused)
    expect(() => recapture(photo, face, 'mask' as Recapture, key)).toThrow(refused)
    expect(() => recapture(photo, face, 'simulated-print', { ...key, seed: -1 })).toThrow(refused)
    expect(() => recapture(photo, face, 'simulated-print', { ...key, number: 0.5 })).toThrow(
      refused,
    )
  })
})
