import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosine } from './cosine.js'

const vector = fc
  .float32Array({ minLength: 32, maxLength: 32, min: -8, max: 8, noNaN: true })
  .filter((values) => Math.hypot(...values) > 0.1)

describe('cosine', () => {
  it('is that of the angle between them, whatever their lengths', () => {
    expect(cosine(Float32Array.of(3, 0), Float32Array.of(1, 1))).toBeCloseTo(Math.SQRT1_2, 12)
    fc.assert(
      fc.property(vector, vector, fc.integer({ min: 1, max: 9 }), (a, b, factor) => {
        const dot = a.reduce((sum, value, k) => sum + value * b[k]!, 0)
        const expected = dot / Math.hypot(...a) / Math.hypot(...b)
        expect(
          cosine(
            a,
            b.map((value) => factor * value),
          ),
        ).toBeCloseTo(expected, 5)
        expect(cosine(b, a)).toBe(cosine(a, b))
        expect(cosine(a, a)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('refuses what are no two embeddings of a model', () => {
    const one = Float32Array.of(1, 0)
    for (const other of [[1, 0], undefined, new Float32Array(2), Float32Array.of(1)])
      expect(() => cosine(one, other as Float32Array)).toThrow(
        expect.objectContaining({ code: 'VISION_EMBEDDING' }),
      )
    expect(() => cosine(one, Float32Array.of(Number.NaN, 1))).toThrow(/not finite/)
  })
})
