import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { farForFpir, fpirAtFar, thresholdAt } from './operating-point.js'

const source = 'pairs'
const cosine = { '1e-1': 0.1, '0.01': 0.2, '1e-3': 0.28, '1e-4': 0.34 }
const tail = { level: 0.28, rate: 1e-3, shape: -0.1, scale: 0.03 }
const impostors = { pairs: 1_000_000, people: 100, smallestFar: 3e-5, tail }
const known = { source, cosine, impostors }

describe('thresholdAt', () => {
  it.each([
    [0.1, 0.1],
    [0.01, 0.2],
    [1e-3, 0.28],
    [1e-4, 0.34],
    // Half way in the logarithm.
    [10 ** -1.5, 0.15],
    [10 ** -3.25, 0.295],
  ])('at FAR %d of the points is %d', (far, threshold) => {
    const found = thresholdAt(known, far)!
    expect(found.threshold).toBeCloseTo(threshold, 12)
    expect(found).toMatchObject({ far, supported: true })
  })

  it('follows the tail beyond the last point, and claims no more than was measured', () => {
    const at = (far: number) => 0.28 + (0.03 / -0.1) * ((far / 1e-3) ** 0.1 - 1)
    expect(thresholdAt(known, 3e-5)).toEqual({
      threshold: expect.closeTo(Math.max(0.34, at(3e-5)), 9),
      far: 3e-5,
      supported: true,
    })
    expect(thresholdAt(known, 1e-7)).toEqual({
      threshold: expect.closeTo(at(1e-7), 9),
      far: 3e-5,
      supported: false,
    })
    // Never below the last point, whatever the tail.
    const low = { ...impostors, tail: { ...tail, level: 0.1 } }
    expect(thresholdAt({ ...known, impostors: low }, 9e-5)!.threshold).toBe(0.34)
  })

  it('takes the line through the last two points where no tail is known, up to 1', () => {
    const old = { source, cosine: { '1e-1': 0.13, '1e-2': 0.23 } }
    expect(thresholdAt(old, 1e-4)).toEqual({
      threshold: expect.closeTo(0.43, 12),
      far: 0.01,
      supported: false,
    })
    expect(thresholdAt(old, 1e-12)!.threshold).toBe(1)
    // A single point shows no slope, and its own cosine would accept a hundred times as many.
    expect(thresholdAt({ source, cosine: { '1e-2': 0.23 } }, 1e-4)).toBeUndefined()
    expect(thresholdAt({ source, cosine: { '1e-2': 0.23 } }, 1e-2)!.threshold).toBe(0.23)
  })

  it('leaves out points that the pairs do not bear out', () => {
    const few = { pairs: 3000, people: 100, smallestFar: 10 / 3000 }
    expect(thresholdAt({ source, cosine, impostors: few }, 1e-3)).toEqual({
      threshold: expect.closeTo(0.3, 12), // the line through 0.1 and 0.2
      far: 10 / 3000,
      supported: false,
    })
  })

  it('is the first point above it, and undefined where none is known', () => {
    expect(thresholdAt(known, 0.5)).toEqual({ threshold: 0.1, far: 0.1, supported: true })
    expect(thresholdAt({ source, cosine: {} }, 0.5)).toBeUndefined()
  })

  it('rises as the FAR falls', () => {
    const far = fc.double({ min: 1e-9, max: 0.9, noNaN: true })
    const steps = fc.array(fc.double({ min: 0, max: 0.2, noNaN: true }), {
      minLength: 2,
      maxLength: 5,
    })
    const tails = fc.option(
      fc.record({
        level: fc.double({ min: 0, max: 0.5, noNaN: true }),
        rate: fc.constantFrom(1e-1, 1e-2, 1e-4),
        shape: fc.double({ min: -0.9, max: 0, noNaN: true }),
        scale: fc.double({ min: 1e-3, max: 0.1, noNaN: true }),
      }),
      { nil: undefined },
    )
    fc.assert(
      fc.property(steps, tails, far, far, (steps, tail, a, b) => {
        const sums = steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, step) => sum + step))
        const cosine = Object.fromEntries(sums.map((sum, i) => [`1e-${i + 1}`, Math.min(1, sum)]))
        const impostors = {
          pairs: 1000,
          people: 10,
          smallestFar: 10 ** -steps.length,
          ...(tail && { tail }),
        }
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const [strict, loose] = [low, high].map(
          (far) => thresholdAt({ source, cosine, impostors }, far)!,
        )
        expect(strict!.threshold).toBeGreaterThanOrEqual(loose!.threshold - 1e-12)
        expect(strict!.far).toBeLessThanOrEqual(loose!.far)
      }),
    )
  })

  it.each([0, 1, -1, 2, Number.NaN])('refuses FAR %d', (far) => {
    const code = expect.objectContaining({ code: 'VISION_USE' })
    expect(() => thresholdAt(known, far)).toThrow(code)
    expect(() => farForFpir(far, 3)).toThrow(code)
    expect(() => fpirAtFar(far, 3)).toThrow(code)
  })
})

describe('FPIR and FAR', () => {
  it('are the chances of independent comparisons', () => {
    // Of 100 comparisons none passes with 0.99^100.
    expect(fpirAtFar(0.01, 100)).toBeCloseTo(1 - 0.99 ** 100, 12)
    expect(farForFpir(1 - 0.99 ** 100, 100)).toBeCloseTo(0.01, 12)
    expect(farForFpir(1e-2, 1)).toBeCloseTo(1e-2, 15)
    expect(farForFpir(1e-2, 2_000_000)).toBeCloseTo(5.0251679e-9, 15)
  })

  it('of a search among nobody is that of one comparison', () => {
    expect(farForFpir(1e-2, 0)).toBeCloseTo(1e-2, 15)
    expect(fpirAtFar(1e-2, 0)).toBeCloseTo(1e-2, 15)
  })
})
