import { describe, expect, it } from 'vitest'
import { grad } from './autograd.js'
import type { DType } from './dtype.js'
import { contiguous, conv2d, conv2d3x3, mul, sum, toDtype } from './generated/ops.js'
import { atThreads, codeOf, leaf, relativeError, sample, values } from './numeric.test.support.js'
import type { Tensor } from './tensor.js'

interface Case {
  shape: [number, number, number, number]
  outputs: number
}
const cases: Case[] = [
  { shape: [2, 16, 8, 8], outputs: 16 },
  { shape: [3, 32, 7, 9], outputs: 48 },
  { shape: [1, 16, 1, 2], outputs: 32 },
  { shape: [2, 80, 5, 14], outputs: 144 },
  { shape: [9, 96, 28, 28], outputs: 64 },
]

/** Values and gradients. */
function all(convolve: (x: Tensor, w: Tensor) => Tensor, one: Case, dtype: DType): Tensor[] {
  const [n, channels, height, width] = one.shape
  const make = (shape: number[], seed: number) =>
    contiguous(toDtype(sample(shape, seed), dtype), 'channels_last')
  const [x, w] = [leaf(make(one.shape, 1)), leaf(make([one.outputs, channels, 3, 3], 2))]
  const y = convolve(x, w)
  const gradients = [make([n, one.outputs, height, width], 3)]
  return [y, ...grad([y], [x, w], { gradients })] as Tensor[]
}

describe('arcface::conv2d_3x3', () => {
  for (const one of cases)
    it(`gives ATen's values and gradients of float64: ${JSON.stringify(one)}`, () => {
      const wanted = all((x, w) => conv2d(x, w, null, 1, 1), one, 'float64')
      const got = all(conv2d3x3, one, 'float32')
      expect(got.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape))
      for (const [i, each] of got.entries())
        expect(relativeError(values(each), values(wanted[i]!))).toBeLessThan(5e-6)
    })

  it('differentiates its gradients like float64, which is made of ATen', () => {
    const second = (dtype: DType) => {
      const x = leaf(contiguous(sample([2, 16, 5, 4], 1, dtype), 'channels_last'))
      const w = leaf(sample([16, 16, 3, 3], 2, dtype))
      const y = conv2d3x3(x, w)
      const [gx, gw] = grad([sum(mul(mul(y, y), y))], [x, w], { createGraph: true })
      return grad([sum(mul(gx!, gx!)), sum(mul(gw!, gw!))], [x, w]).map((one) => values(one!))
    }
    const wanted = second('float64')
    for (const [i, got] of second('float32').entries())
      expect(relativeError(got, wanted[i]!)).toBeLessThan(2e-5)
  })

  it('gives the same bits at one thread and at two', () => {
    const [alone, shared] = atThreads([1, 2], () => {
      const x = leaf(contiguous(sample([5, 32, 20, 20]), 'channels_last'))
      const w = leaf(sample([48, 32, 3, 3], 2))
      const y = conv2d3x3(x, w)
      return [y, ...grad([sum(mul(y, y))], [x, w])].map((one) => values(one!))
    })
    expect(shared).toEqual(alone)
  })

  it('serves what it has no loops for: another layout, few channels', () => {
    for (const shape of [
      [2, 16, 6, 5],
      [2, 3, 6, 5],
    ]) {
      const [x, w] = [sample(shape), sample([16, shape[1]!, 3, 3], 2)]
      const wanted = conv2d(toDtype(x, 'float64'), toDtype(w, 'float64'), null, 1, 1)
      expect(relativeError(values(conv2d3x3(x, w)), values(wanted))).toBeLessThan(1e-6)
    }
  })

  it('names what does not fit', () => {
    expect(codeOf(() => conv2d3x3(sample([1, 16, 4, 4]), sample([16, 32, 3, 3])))).toBe(
      'TORCH_OPERATOR',
    )
  })
})
