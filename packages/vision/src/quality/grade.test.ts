import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gradeOf } from './grade.js'
import { BEST_QUALITY } from './limits.js'
import type { Quality } from './quality.js'

const good: Quality = {
  ...{ eyes: 60, sharpness: 260, noise: 0.4, flat: 0.004, plausibility: 0.93 },
  ...{ yaw: 0.1, pitch: 0.2, roll: 0, brightness: 135, contrast: 48, sides: 0.1 },
}
const value = (changed: Partial<Quality>, length?: number) =>
  gradeOf({ ...good, ...changed }, length).value

describe('the grade of a face', () => {
  // Share of comparisons with good photographs that still succeeded of those that did as the face was: Pins, 90 people.
  it.each<[string, Partial<Quality>, number]>([
    ['eyes 24 pixels apart', { eyes: 24 }, 0.994],
    ['eyes 14 apart', { eyes: 14 }, 0.959],
    ['eyes 11 apart', { eyes: 11 }, 0.899],
    ['eyes 8 apart', { eyes: 8 }, 0.568],
    ['eyes 6 apart', { eyes: 6 }, 0.189],
    ['blurred by 2 pixels', { sharpness: 46 }, 0.913],
    ['blurred by 3', { sharpness: 15 }, 0.516],
    ['blurred by 4', { sharpness: 7 }, 0.084],
  ])('%s is near what was measured', (_, changed, share) => {
    expect(Math.abs(value(changed) / value({}) - share)).toBeLessThan(0.1)
  })

  // The same by the length of embeddings, the mean of two embedders: 0.7 to 0.75 of the usual, and so on.
  it.each([
    [0.625, 0.44],
    [0.725, 0.81],
    [0.825, 0.92],
    [0.95, 0.99],
  ])('an embedding %s times as long as usual is near what was measured', (length, share) => {
    expect(Math.abs(value({}, length) / value({}, 1.2) - share)).toBeLessThan(0.09)
  })

  it('is the product of its parts; what is not known counts for nothing', () => {
    const { value: whole, parts } = gradeOf(good)
    const { occlusion, ...known } = parts
    expect(occlusion).toBeNull()
    expect(whole).toBeCloseTo(
      Object.values(known).reduce((product, part) => product * part),
      12,
    )
    const with_ = gradeOf(good, 0.7)
    expect(with_.value).toBeCloseTo(whole * with_.parts.occlusion!, 12)
    expect(gradeOf(BEST_QUALITY).parts).toMatchObject({ size: 1, blur: 1, pose: 1 })
  })

  it('lies between 0 and 1, and no figure that grows worse makes it better', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const worse: readonly (readonly [keyof Quality, number, number])[] = [
      ['eyes', 100, 0],
      ['sharpness', 1000, 0],
      ['noise', 0, 5],
      ['flat', 0, 1],
      ['yaw', 0, 3],
      ['pitch', 0, -3],
      ['brightness', 127.5, 0],
      ['brightness', 127.5, 255],
      ['plausibility', 1, 0],
    ]
    fc.assert(
      fc.property(fc.constantFrom(...worse), share, share, ([name, best, worst], a, b) => {
        const at = (of: number) => value({ [name]: best + of * (worst - best) }, 1)
        const [first, second] = [at(Math.min(a, b)), at(Math.max(a, b))]
        expect(second).toBeLessThanOrEqual(first)
        expect(second).toBeGreaterThanOrEqual(0)
        expect(first).toBeLessThanOrEqual(1)
      }),
    )
  })
})
