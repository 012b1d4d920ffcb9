import { describe, expect, it } from 'vitest'
import { sum } from '../generated/ops.js'
import { codeOf, numericGradient, relativeError, sample, values } from '../numeric.test.support.js'
import { tensor } from '../tensor.js'
import { Conv2d, type Conv2dOptions } from './conv.js'

/** Convolution by its definition, in float64: [n, c, h, w] with [o, c/groups, k, k]. */
function convolve(
  [x, [n, c, h, w]]: [number[], number[]],
  [weight, [o, , k]]: [number[], number[]],
  bias: number[],
  { stride = 1, padding = 0, groups = 1 }: Conv2dOptions,
): { y: number[]; shape: number[] } {
  const [height, width] = [h!, w!].map((side) => Math.floor((side + 2 * padding - k!) / stride) + 1)
  const [into, out] = [c! / groups, o! / groups]
  const y: number[] = []
  for (let b = 0; b < n!; b++)
    for (let f = 0; f < o!; f++)
      for (let i = 0; i < height!; i++)
        for (let j = 0; j < width!; j++) {
          let value = bias[f] ?? 0
          for (let ci = 0; ci < into; ci++)
            for (let p = 0; p < k!; p++)
              for (let q = 0; q < k!; q++) {
                const [row, column] = [i * stride + p - padding, j * stride + q - padding]
                if (row < 0 || row >= h! || column < 0 || column >= w!) continue
                const channel = Math.floor(f / out) * into + ci
                value +=
                  x[((b * c! + channel) * h! + row) * w! + column]! *
                  weight[((f * into + ci) * k! + p) * k! + q]!
              }
          y.push(value)
        }
  return { y, shape: [n!, o!, height!, width!] }
}

describe('Conv2d', () => {
  const cases: [number, number, number, Conv2dOptions][] = [
    [3, 4, 3, {}],
    [3, 4, 3, { stride: 2, padding: 1, bias: false }],
    [4, 6, 3, { groups: 2, padding: 2 }],
    [4, 4, 3, { groups: 4, padding: 1, stride: 2, bias: false }],
    [5, 2, 1, { stride: 3 }],
  ]
  it.each(cases)(
    'is a convolution: %d to %d channels, kernel %d, %j',
    (into, out, kernel, options) => {
      const layer = new Conv2d(into, out, kernel, options)
      expect([...layer.namedParameters()].map(([name]) => name)).toEqual(
        options.bias === false ? ['weight'] : ['weight', 'bias'],
      )
      const { weight, bias } = layer
      expect(weight.shape).toEqual([out, into / (options.groups ?? 1), kernel, kernel])
      const x = sample([2, into, 8, 7])
      const y = layer.call(x)
      const wanted = convolve(
        [values(x), x.shape],
        [values(weight), weight.shape],
        bias ? values(bias) : [],
        options,
      )
      expect(y.shape).toEqual(wanted.shape)
      expect(relativeError(values(y), wanted.y)).toBeLessThan(1e-6)
    },
  )

  it('gives its parameters gradients', () => {
    const layer = new Conv2d(2, 2, 3, { stride: 2, padding: 1 }).to({ dtype: 'float64' })
    const x = sample([1, 2, 5, 5], 1, 'float64')
    const loss = () => sum(layer.call(x).detach())
    sum(layer.call(x)).backward()
    for (const parameter of layer.parameters())
      expect(
        relativeError(values(parameter.grad!), numericGradient(loss, parameter.detach())),
      ).toBeLessThan(1e-7)
  })

  it('begins with values that spread by the fan-in, the bias too', () => {
    const layer = new Conv2d(16, 200, 3, { groups: 4 })
    const bound = 1 / Math.sqrt(4 * 9)
    for (const parameter of [layer.weight, layer.bias!]) {
      const absolute = values(parameter).map(Math.abs)
      expect(Math.max(...absolute)).toBeLessThanOrEqual(bound)
      expect(Math.max(...absolute)).toBeGreaterThan(0.9 * bound)
    }
  })

  it('names what does not fit', () => {
    expect(codeOf(() => new Conv2d(3, 4, 3, { groups: 2 }))).toBe('TORCH_ARGUMENT')
    const layer = new Conv2d(3, 4, 3)
    expect(codeOf(() => layer.call(tensor([1])))).toBe('TORCH_OPERATOR')
    expect(() => layer.call(sample([1, 2, 8, 8]))).toThrow(
      /aten::conv2d\(input: float32\[1, 2, 8, 8\], weight: float32\[4, 3, 3, 3\]/,
    )
    expect(() => layer.call(sample([1, 3, 2, 2]))).toThrow(/[Kk]ernel size/)
  })
})
