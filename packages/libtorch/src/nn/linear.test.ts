import { describe, expect, it } from 'vitest'
import { codeOf, product, relativeError, sample, values } from '../numeric.test.support.js'
import { Linear } from './linear.js'

describe('Linear', () => {
  for (const bias of [true, false])
    for (const lead of [[4], [2, 3], []])
      it(`is x W^T + b over [${[...lead, 5]}] ${bias ? 'with' : 'without'} b`, () => {
        const layer = new Linear(5, 3, { bias })
        const x = sample([...lead, 5])
        const y = layer.call(x)
        const [vx, w, b] = [values(x), values(layer.weight), layer.bias ? values(layer.bias) : []]
        const wanted = Array.from({ length: product(lead) * 3 }, (_, at) => {
          const [row, out] = [Math.floor(at / 3), at % 3]
          return [0, 1, 2, 3, 4].reduce(
            (s, i) => s + vx[row * 5 + i]! * w[out * 5 + i]!,
            b[out] ?? 0,
          )
        })
        expect(y.shape).toEqual([...lead, 3])
        expect(relativeError(values(y), wanted)).toBeLessThan(1e-6)
      })

  it('begins within 1/sqrt(in), the bias too', () => {
    const layer = new Linear(100, 300)
    for (const parameter of layer.parameters()) {
      const largest = Math.max(...values(parameter).map(Math.abs))
      expect(largest).toBeLessThanOrEqual(0.1)
      expect(largest).toBeGreaterThan(0.09)
    }
  })

  it('names what does not fit', () => {
    const layer = new Linear(5, 3)
    expect(codeOf(() => layer.call(sample([2, 4])))).toBe('TORCH_OPERATOR')
    expect(() => layer.call(sample([2, 4]))).toThrow(/aten::linear\(input: float32\[2, 4\]/)
    expect(codeOf(() => new Linear(2.5, 3))).toBe('TORCH_ARGUMENT')
    expect(codeOf(() => new Linear(-1, 3))).toBe('TORCH_OPERATOR')
  })
})
