import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { face, noisy } from '../testing/embeddings.js'
import { cosine } from './cosine.js'

describe('cosine', () => {
  it('is that of the angle between them, whatever their lengths', () => {
    expect(cosine(Float32Array.of(3, 0), Float32Array.of(1, 1))).toBeCloseTo(Math.SQRT1_2, 12)
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.nat(999), (value, seed) => {
        const a = face(32, seed)
        const b = noisy(a, value, seed + 1000).map((number) => 7 * number)
        expect(cosine(a, b)).toBeCloseTo(value, 5)
        expect(cosine(b, a)).toBe(cosine(a, b))
      }),
    )
    expect(cosine(face(512, 1), face(512, 1))).toBeLessThanOrEqual(1)
  })

  it('refuses what are no two embeddings of a model', () => {
    const one = Float32Array.of(1, 0)
    for (const other of [[1, 0], undefined, new Float32Array(2), Float32Array.of(1)])
      expect(() => cosine(one, other as Float32Array)).toThrow(
        expect.objectContaining({ code: 'RECOGNIZE_EMBEDDING' }),
      )
    expect(() => cosine(one, Float32Array.of(Number.NaN, 1))).toThrow(/not finite/)
  })
})
