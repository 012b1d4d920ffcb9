import { describe, expect, it } from 'vitest'
import { autocast, grad } from './autograd.js'
import type { DType } from './dtype.js'
import { contiguous, groupedConv2d, mul, sum } from './generated/ops.js'
import { Conv2d } from './nn/index.js'
import {
  atThreads,
  bfloat16,
  leaf,
  numbers,
  product,
  relativeError,
  sample,
  values,
} from './numeric.test.support.js'
import { tensor } from './tensor.js'

interface Case {
  shape: [number, number, number, number]
  group: number
  kernel: number
  stride: number
  padding: number
}

/** Output and gradients by the definition, in float64, row-major. */
function formula(
  { shape, group, kernel, stride, padding }: Case,
  x: number[],
  w: number[],
  g?: number[],
) {
  const [images, channels, height, width] = shape
  const out = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1
  const [oh, ow] = [out(height), out(width)]
  const y = new Array<number>(images * channels * oh * ow).fill(0)
  const [gx, gw] = [x.map(() => 0), w.map(() => 0)]
  for (let n = 0; n < images; n++)
    for (let c = 0; c < channels; c++)
      for (let oy = 0; oy < oh; oy++)
        for (let ox = 0; ox < ow; ox++)
          for (let m = 0; m < group; m++)
            for (let ky = 0; ky < kernel; ky++)
              for (let kx = 0; kx < kernel; kx++) {
                const [iy, ix] = [oy * stride + ky - padding, ox * stride + kx - padding]
                if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue
                const input = c - (c % group) + m
                const at = ((n * channels + input) * height + iy) * width + ix
                const to = ((n * channels + c) * oh + oy) * ow + ox
                const tap = ((c * group + m) * kernel + ky) * kernel + kx
                y[to]! += x[at]! * w[tap]!
                if (g) gx[at]! += g[to]! * w[tap]!
                if (g) gw[tap]! += g[to]! * x[at]!
              }
  return { y, gx, gw, shape: [images, channels, oh, ow] }
}

const cases: Case[] = [
  { shape: [2, 16, 6, 5], group: 2, kernel: 3, stride: 1, padding: 1 },
  { shape: [3, 32, 7, 8], group: 2, kernel: 3, stride: 2, padding: 1 },
  { shape: [2, 48, 5, 5], group: 4, kernel: 3, stride: 1, padding: 0 },
  { shape: [1, 16, 9, 3], group: 4, kernel: 3, stride: 2, padding: 2 },
  { shape: [4, 32, 7, 7], group: 1, kernel: 7, stride: 1, padding: 0 },
  { shape: [2, 16, 9, 12], group: 1, kernel: 7, stride: 2, padding: 3 },
  { shape: [2, 32, 17, 9], group: 1, kernel: 3, stride: 1, padding: 1 },
  { shape: [3, 16, 33, 6], group: 1, kernel: 3, stride: 2, padding: 1 },
  { shape: [1, 48, 5, 6], group: 1, kernel: 3, stride: 2, padding: 0 },
  { shape: [1, 16, 7, 4], group: 1, kernel: 3, stride: 3, padding: 2 },
  { shape: [1, 16, 1, 2], group: 1, kernel: 3, stride: 1, padding: 1 },
]

describe('arcface::grouped_conv2d', () => {
  for (const dtype of ['float32', 'bfloat16'] as const)
    for (const one of cases)
      it(`gives the definition's values and gradients: ${dtype} ${JSON.stringify(one)}`, () => {
        const { shape, group, kernel, stride, padding } = one
        const round = dtype === 'bfloat16' ? bfloat16 : Math.fround
        const channels = shape[1]
        const x = numbers(product(shape), 1).map(round)
        const w = numbers(channels * group * kernel * kernel, 2).map(Math.fround)
        const { shape: outShape } = formula(one, x, w)
        const g = numbers(product(outShape), 3).map(round)
        const wanted = formula(one, x, w, g)
        const make = (data: number[], of: number[]) =>
          contiguous(tensor(data, of, { dtype }), 'channels_last')
        const [tx, tw] = [leaf(make(x, shape)), leaf(tensor(w, [channels, group, kernel, kernel]))]
        const y = groupedConv2d(tx, tw, stride, padding, channels / group)
        const [gx, gw] = grad([y], [tx, tw], { gradients: [make(g, outShape)] })
        // A result in bfloat16 is the nearest one of what float32 gives; the weights' is float32.
        const rounding = dtype === 'bfloat16' ? 2 ** -8 : 2e-6
        expect(y.shape).toEqual(outShape)
        expect([y.dtype, gx!.dtype, gw!.dtype]).toEqual([dtype, dtype, 'float32'])
        expect(relativeError(values(y), wanted.y)).toBeLessThan(rounding)
        expect(relativeError(values(gx!), wanted.gx)).toBeLessThan(rounding)
        expect(relativeError(values(gw!), wanted.gw)).toBeLessThan(2e-6)
      })

  it('differentiates its gradients like float64, which is made of ATen', () => {
    const second = (dtype: DType) => {
      const x = leaf(contiguous(sample([2, 16, 4, 4], 1, dtype), 'channels_last'))
      const w = leaf(sample([16, 2, 3, 3], 2, dtype))
      const y = groupedConv2d(x, w, 1, 1, 8)
      const [gx, gw] = grad([sum(mul(mul(y, y), y))], [x, w], { createGraph: true })
      return grad([sum(mul(gx!, gx!)), sum(mul(gw!, gw!))], [x, w]).map((one) => values(one!))
    }
    const wanted = second('float64')
    for (const [i, got] of second('float32').entries())
      expect(relativeError(got, wanted[i]!)).toBeLessThan(1e-5)
  })

  it('gives the same bits at one thread and at two', () => {
    const [alone, shared] = atThreads([1, 2], () => {
      const x = leaf(contiguous(sample([5, 32, 20, 20]), 'channels_last'))
      const w = leaf(sample([32, 2, 3, 3], 2))
      const y = groupedConv2d(x, w, 1, 1, 16)
      return [y, ...grad([sum(mul(y, y))], [x, w])].map((one) => values(one!))
    })
    expect(shared).toEqual(alone)
  })

  it('serves what it has no loops for: another layout, depthwise 3x3, few channels', () => {
    for (const [shape, group, kernel] of [
      [[2, 16, 6, 5], 2, 3],
      [[2, 16, 6, 5], 1, 3],
      [[2, 6, 6, 5], 2, 3],
    ] as const) {
      const one = { shape: [...shape] as Case['shape'], group, kernel, stride: 1, padding: 1 }
      const x = numbers(product(shape))
      const w = numbers(shape[1] * group * kernel * kernel, 2)
      const y = groupedConv2d(
        ...([tensor(x, shape), tensor(w, [shape[1], group, kernel, kernel])] as const),
        ...([1, 1, shape[1] / group] as const),
      )
      expect(relativeError(values(y), formula(one, x, w).y)).toBeLessThan(1e-6)
    }
  })

  it('keeps a bfloat16 input bfloat16 under autocast, its weights float32', () => {
    const layer = new Conv2d(16, 16, 3, { padding: 1, groups: 8, bias: false })
    const x = leaf(contiguous(sample([2, 16, 4, 4], 1, 'bfloat16'), 'channels_last'))
    const y = autocast('bfloat16', () => layer.call(x))
    expect(y.dtype).toBe('bfloat16')
    sum(y).backward()
    expect(layer.weight.grad!.dtype).toBe('float32')
    expect(x.grad!.dtype).toBe('bfloat16')
  })

  it('refuses weights that do not fit, with the shapes', () => {
    const x = contiguous(sample([2, 16, 4, 4]), 'channels_last')
    expect(() => groupedConv2d(x, sample([16, 2, 3, 3]), 1, 1, 4)).toThrow(
      /arcface::grouped_conv2d.*float32\[2, 16, 4, 4\]/,
    )
    expect(() => groupedConv2d(x, sample([16, 2, 3, 3]), 0, 1, 8)).toThrow(/stride/)
  })
})
