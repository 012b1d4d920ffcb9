import { ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { psi } from './psi.js'

/** The paper's formula in float64. */
function formula(theta: number, m: number): number {
  const k = Math.min(Math.floor((m * theta) / Math.PI), m - 1)
  return (-1) ** k * Math.cos(m * theta) - 2 * k
}

/** Values and derivatives by cos(theta). */
function psiAt(cosines: number[], m: number, dtype: 'float64' | 'float32' = 'float64') {
  return scope(() => {
    const x = ops.toDtype(tensor(Float64Array.from(cosines), [cosines.length]), dtype).detach()
    x.requiresGrad = true
    const value = psi(x, m)
    ops.sum(value).backward()
    return {
      values: [...ops.toDtype(value, 'float64').toTypedArray()].map(Number),
      slopes: [...ops.toDtype(x.grad!, 'float64').toTypedArray()].map(Number),
    }
  })
}

describe.each([1, 2, 3, 4])('psi, m = %i', (m) => {
  const angle = fc.double({ min: 0, max: Math.PI, noNaN: true })

  it('is the formula of the paper', () => {
    fc.assert(
      fc.property(angle, (theta) => {
        expect(psiAt([Math.cos(theta)], m).values[0]).toBeCloseTo(formula(theta, m), 9)
      }),
    )
  })

  it('has the derivative m |sin(m theta)| / sin(theta), at 0 and pi its limit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: Math.PI - 0.01, noNaN: true }), (theta) => {
        const [slope] = psiAt([Math.cos(theta)], m).slopes
        expect(slope).toBeCloseTo((m * Math.abs(Math.sin(m * theta))) / Math.sin(theta), 6)
      }),
    )
    expect(psiAt([1, -1], m).slopes).toEqual([m * m, m * m])
  })

  it('falls from 1 to 1 - 2m as theta grows, also beyond rounding', () => {
    const angles = Array.from({ length: 361 }, (_, i) => (i * Math.PI) / 360)
    const { values } = psiAt([1 + 1e-7, ...angles.map(Math.cos), -1 - 1e-7], m, 'float32')
    expect(values.slice(0, 2)).toEqual([1, 1])
    expect(values.slice(-2)).toEqual([1 - 2 * m, 1 - 2 * m])
    for (let i = 2; i < values.length - 1; i++)
      expect(values[i]! - values[i - 1]!).toBeLessThan(1e-6)
  })
})
