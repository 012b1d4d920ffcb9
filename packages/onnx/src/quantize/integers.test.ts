import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  affineOf,
  byteOf,
  leastScale,
  quantizeBias,
  quantizeWeights,
  roundEven,
} from './integers.js'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })

describe('rounding', () => {
  it('goes to the even neighbour from half way', () => {
    const halves = [-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]
    expect(halves.map((x) => roundEven(x) + 0)).toEqual([-4, -2, -2, 0, 0, 2, 2, 4])
    expect([0.49999999999999994, -2.4, 2.6].map((x) => roundEven(x) + 0)).toEqual([0, -2, 3])
  })

  it('is to the nearest whole number', () => {
    fc.assert(
      fc.property(finite, (x) => {
        expect(Number.isInteger(roundEven(x))).toBe(true)
        expect(Math.abs(roundEven(x) - x)).toBeLessThanOrEqual(0.5)
      }),
    )
  })
})

describe('bytes of a range', () => {
  it('hold 0 exactly, both ends, and what lies between within half a step', () => {
    fc.assert(
      fc.property(finite, finite, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, part) => {
        const range = { min: Math.min(a, b), max: Math.max(a, b) }
        const affine = affineOf(range)
        const { scale, zero } = affine
        expect(byteOf(0, affine)).toBe(zero)
        expect(Math.fround(scale)).toBe(scale)
        const x = range.min + part * (range.max - range.min)
        // Where zero was rounded, an end may be half a step outside.
        expect(Math.abs((byteOf(x, affine) - zero) * scale - x)).toBeLessThanOrEqual(1.001 * scale)
      }),
    )
  })

  it('cut off what is outside', () => {
    const affine = affineOf({ min: -1, max: 1.55 })
    expect(affine).toEqual({ scale: Math.fround(0.01), zero: 100 })
    expect([-7, -1, 0.0049, 0.0151, 1.55, 9].map((x) => byteOf(x, affine))).toEqual([
      0, 0, 100, 102, 255, 255,
    ])
  })

  it('are of a range of nothing', () => {
    expect(affineOf({ min: 0, max: 0 }).scale).toBeGreaterThan(0)
    expect(affineOf({ min: 3, max: 5.1 }).zero).toBe(0)
    expect(affineOf({ min: -5.1, max: -3 }).zero).toBe(255)
  })
})

describe('weights', () => {
  it('have a scale a channel, along either dimension', () => {
    const data = Float32Array.of(1, -2, 0.5, 0, 254, 12.7)
    const rows = quantizeWeights(data, [2, 3], 0, () => 0)
    expect([...rows.scales]).toEqual([2 / 127, 2].map(Math.fround))
    expect([...rows.data]).toEqual([64, -127, 32, 0, 127, 6])
    const columns = quantizeWeights(data, [2, 3], 1, () => 0)
    expect([...columns.scales]).toEqual([1 / 127, 2, 12.7 / 127].map(Math.fround))
    expect([...columns.data]).toEqual([127, -1, 5, 0, 127, 127])
  })

  it('of a dead channel are 0, with a scale to divide by', () => {
    const { data, scales } = quantizeWeights(Float32Array.of(0, 1e-40), [2, 1], 0, () => 0)
    expect([...data]).toEqual([0, 0])
    expect(scales.every((scale) => scale > 0)).toBe(true)
  })

  it('leave room for a bias of 32 bits', () => {
    const input = affineOf({ min: 0, max: 1e-6 })
    const bias = Float32Array.of(1000)
    const { scales } = quantizeWeights(Float32Array.of(1e-9), [1, 1], 0, () =>
      leastScale(1000, input),
    )
    const made = quantizeBias(bias, input, scales)
    expect(made.data[0]).toBeLessThanOrEqual(2 ** 30 * 1.0001)
    expect(made.data[0]! * made.scales[0]!).toBeCloseTo(1000, 3)
  })
})
