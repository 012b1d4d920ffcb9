import { describe, expect, it } from 'vitest'
import { lightOf } from './light.js'

const face = (grey: (x: number, y: number) => number) =>
  Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => {
    const at = Math.floor(i / 3)
    return grey(at % 112, Math.floor(at / 112))
  })

describe('the light on a face', () => {
  it('of one grey is its brightness, without contrast', () => {
    const { brightness, contrast, sides } = lightOf(face(() => 80))
    expect(brightness).toBeCloseTo(80, 6)
    expect(contrast).toBeCloseTo(0, 4)
    expect(sides).toBeCloseTo(0, 9)
  })

  it('from a side: half the difference between halves is the deviation', () => {
    for (const [left, right] of [
      [50, 150],
      [150, 50],
    ] as const) {
      const found = lightOf(face((x) => (x < 56 ? left : right)))
      expect(found.brightness).toBeCloseTo(100, 6)
      expect(found.contrast).toBeCloseTo(50, 6)
      expect(found.sides).toBeCloseTo(0.5, 6)
    }
  })

  it('does not count what lies about the face', () => {
    const lit = lightOf(face((x, y) => (x >= 20 && x < 92 && y >= 30 && y < 104 ? 10 : 255)))
    expect(lit.brightness).toBeCloseTo(10, 6)
    expect(lightOf(face(() => 0))).toEqual({ brightness: 0, contrast: 0, sides: 0 })
  })
})
