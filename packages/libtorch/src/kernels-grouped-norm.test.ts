import { describe, expect, it } from 'vitest'
import { grad } from './autograd.js'
import type { DType } from './dtype.js'
import {
  contiguous,
  fusedBatchNorm,
  groupedConv2d,
  groupedNorm,
  mul,
  ones,
  sum,
  zeros,
} from './generated/ops.js'
import { BatchNorm2d, Conv2d, PReLU } from './nn/index.js'
import {
  atThreads,
  bfloat16,
  codeOf,
  leaf,
  numbers,
  product,
  relativeError,
  sample,
  values,
} from './numeric.test.support.js'
import { type Tensor, tensor } from './tensor.js'

interface Case {
  shape: [number, number, number, number]
  group: number
  kernel: number
  stride: number
  padding: number
  slopes: boolean
}
const cases: Case[] = [
  { shape: [3, 16, 20, 6], group: 1, kernel: 3, stride: 1, padding: 1, slopes: true },
  { shape: [2, 32, 33, 7], group: 1, kernel: 3, stride: 2, padding: 1, slopes: true },
  { shape: [2, 16, 9, 8], group: 2, kernel: 3, stride: 1, padding: 1, slopes: true },
  { shape: [2, 16, 5, 7], group: 4, kernel: 3, stride: 2, padding: 0, slopes: false },
  { shape: [6, 32, 7, 7], group: 1, kernel: 7, stride: 1, padding: 0, slopes: false },
]
const EPS = 1e-3

/** The operator, or the two that it is made of, each with tests of its own against the definition. */
const whole: typeof groupedNorm = groupedNorm
const parts: typeof groupedNorm = (
  x,
  w,
  scale,
  shift,
  mean,
  variance,
  slope,
  by,
  pad,
  groups,
  ...last
) => {
  const y = groupedConv2d(x, w, by, pad, groups)
  return fusedBatchNorm(y, scale, shift, mean, variance, slope, null, true, ...last)
}

/** Output, running statistics and gradients. In float64 nothing has loops: it is ATen's. */
function run(of: typeof groupedNorm, one: Case, dtype: DType, x: number[], w: number[]) {
  const { shape, group, kernel, stride, padding, slopes } = one
  const channels = shape[1]
  const parameters: DType = dtype === 'float64' ? 'float64' : 'float32'
  const make = (data: number[], sizes: readonly number[]) =>
    contiguous(tensor(data, sizes, { dtype }), 'channels_last')
  const few = (seed: number) =>
    leaf(tensor(numbers(channels, seed).map(Math.fround), [channels], { dtype: parameters }))
  const tx = leaf(make(x, shape))
  const tw = leaf(tensor(w, [channels, group, kernel, kernel], { dtype: parameters }))
  const [scale, shift] = [few(4), few(5)]
  const slope = slopes ? few(6) : null
  const running = [zeros([channels], parameters), ones([channels], parameters)] as const
  const y = of(
    ...([tx, tw, scale, shift, ...running, slope] as const),
    ...([stride, padding, channels / group, 0.3, EPS] as const),
  )
  const leaves = [tx, tw, scale, shift, ...(slope ? [slope] : [])]
  const gradients = [make(numbers(y.size, 7).map(bfloat16), y.shape)]
  return [y, ...running, ...grad([y], leaves, { gradients })].map((one) => one!)
}

describe('arcface::grouped_norm', () => {
  for (const one of cases) {
    const x = numbers(product(one.shape), 1)
    const w = numbers(one.shape[1] * one.group * one.kernel ** 2, 2).map(Math.fround)

    it(`is the convolution and the layer, in float64: ${JSON.stringify(one)}`, () => {
      const data = x.map(Math.fround)
      const found = run(whole, one, 'float32', data, w)
      const wanted = run(parts, one, 'float64', data, w).map(values)
      for (const [i, got] of found.entries())
        expect(relativeError(values(got), wanted[i]!), `${i}`).toBeLessThan(2e-5)
    })

    it(`is the two in bfloat16, without rounding the gradient between them: ${JSON.stringify(one)}`, () => {
      const data = x.map(bfloat16)
      const found = run(whole, one, 'bfloat16', data, w)
      const wanted = run(parts, one, 'bfloat16', data, w)
      for (const [i, got] of found.entries()) {
        expect(got.dtype).toBe(wanted[i]!.dtype)
        expect(relativeError(values(got), values(wanted[i]!)), `${i}`).toBeLessThan(2 ** -7)
      }
    })
  }

  it('finds a small variance beside a large mean', () => {
    // A tap of 1 in the middle: y is x, which is 1000 and a half here or there.
    const [channels, side] = [16, 24]
    const x = numbers(2 * channels * side * side).map((v) => Math.fround(1000 + v / 2))
    const w = Array.from({ length: channels * 9 }, (_, i) => (i % 9 === 4 ? 1 : 0))
    const one = {
      shape: [2, channels, side, side],
      group: 1,
      kernel: 3,
      stride: 1,
      padding: 1,
      slopes: false,
    } as Case
    const [y, , variance] = run(whole, one, 'float32', x, w).map(values)
    const [wantedY, , wantedVariance] = run(parts, one, 'float64', x, w).map(values)
    expect(relativeError(variance!, wantedVariance!)).toBeLessThan(1e-5)
    expect(relativeError(y!, wantedY!)).toBeLessThan(2e-4)
  })

  it('differentiates its gradients like float64, which is made of ATen', () => {
    const second = (dtype: DType) => {
      const x = leaf(contiguous(sample([2, 16, 4, 4], 1, dtype), 'channels_last'))
      const own = [
        sample([16, 1, 3, 3], 2, dtype),
        sample([16], 3, dtype),
        sample([16], 4, dtype),
      ].map(leaf)
      const [w, scale, shift] = own as [Tensor, Tensor, Tensor]
      const running = [zeros([16], dtype), ones([16], dtype)] as const
      const y = groupedNorm(x, w, scale, shift, ...running, null, 1, 1, 16, 0.1, EPS)
      const [gx, gw] = grad([sum(mul(mul(y, y), y))], [x, w], { createGraph: true })
      return grad([sum(mul(gx!, gx!)), sum(mul(gw!, gw!))], [x, w, scale]).map((of) => values(of!))
    }
    const wanted = second('float64')
    for (const [i, got] of second('float32').entries())
      expect(relativeError(got, wanted[i]!)).toBeLessThan(1e-4)
  })

  it('gives the same bits at one thread and at two', () => {
    const [one] = cases as [Case]
    const [x, w] = [numbers(product(one.shape)), numbers(one.shape[1] * 9, 2)]
    const [alone, shared] = atThreads([1, 2], () => {
      return run(whole, one, 'float32', x, w).map(values)
    })
    expect(shared).toEqual(alone)
  })

  it('refuses parameters that do not fit', () => {
    const x = contiguous(sample([2, 16, 4, 4]), 'channels_last')
    const c = [ones([16]), zeros([16]), zeros([16])] as const
    const call = (variance: Tensor, slope: Tensor | null) => () =>
      groupedNorm(x, sample([16, 1, 3, 3]), ...c, variance, slope, 1, 1, 16, 0.1, EPS)
    expect(call(ones([8]), null)).toThrow(/parameters and statistics of sizes \[8\]/)
    expect(call(ones([16]), ones([3]))).toThrow(/3 slopes do not fit/)
  })
})

describe('BatchNorm2d.after a convolution in groups', () => {
  const make = () => {
    const convolution = new Conv2d(16, 16, 3, { padding: 1, groups: 16, bias: false })
    return { convolution, norm: new BatchNorm2d(16), activation: new PReLU(16) }
  }

  it('is the two layers, with their state', () => {
    const { convolution, norm, activation } = make()
    const apart = new BatchNorm2d(16)
    const x = contiguous(sample([2, 16, 9, 9]), 'channels_last')
    const together = norm.after(convolution, { activation }, x)
    const wanted = apart.followedBy({ activation }, convolution.call(x))
    expect(relativeError(values(together), values(wanted))).toBeLessThan(1e-5)
    for (const [name, value] of apart.stateDict())
      expect(relativeError(values(norm.stateDict().get(name)!), values(value)), name).toBeLessThan(
        1e-5,
      )
  })

  it('refuses one value a channel, as the layer itself', () => {
    const norm = new BatchNorm2d(16)
    const convolution = new Conv2d(16, 16, 7, { groups: 16, bias: false })
    const x = contiguous(sample([1, 16, 7, 7]), 'channels_last')
    expect(codeOf(() => norm.after(convolution, {}, x))).toBe('TORCH_SHAPE')
    expect(norm.stateDict().get('num_batches_tracked')!.item()).toBe(0)
  })
})
