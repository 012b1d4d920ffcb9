import { describe, expect, it } from 'vitest'
import { grad } from './autograd.js'
import type { DType } from './dtype.js'
import { contiguous, conv2d, conv2d3x3, mul, sum, toDtype } from './generated/ops.js'
import { codeOf, relativeError, sample, values } from './numeric.test.support.js'
import { getNumThreads, setNumThreads } from './runtime.js'
import type { Tensor } from './tensor.js'

const leaf = (of: Tensor): Tensor => {
  of.requiresGrad = true
  return of
}

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

/** Values and gradients in one dtype, row-major; `compute` in another. */
function both(convolve: (x: Tensor, w: Tensor) => Tensor, { shape, outputs }: Case, dtype: DType) {
  const [n, channels, height, width] = shape
  const rounded = (of: Tensor) => toDtype(toDtype(of, dtype), 'float64')
  const given = [shape, [n, outputs, height, width]].map((one, i) => rounded(sample(one, i + 1)))
  return (compute: DType) => {
    const [x, g] = given.map((one) => contiguous(toDtype(one, compute), 'channels_last'))
    const weight = sample([outputs, channels, 3, 3], 3)
    const w = leaf(compute === 'float64' ? toDtype(weight, 'float64') : weight)
    const y = convolve(leaf(x!), w)
    return [y, ...grad([y], [x!, w], { gradients: [g!] })] as [Tensor, Tensor, Tensor]
  }
}

describe('arcface::conv2d_3x3', () => {
  for (const dtype of ['float32', 'bfloat16'] as const)
    for (const one of cases)
      it(`gives ATen's values and gradients of float64: ${dtype} ${JSON.stringify(one)}`, () => {
        const wanted = both((x, w) => conv2d(x, w, null, 1, 1), one, dtype)('float64')
        const got = both(conv2d3x3, one, dtype)(dtype)
        expect(got.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape))
        expect(got.map((each) => each.dtype)).toEqual([dtype, dtype, 'float32'])
        // Of bfloat16 the result is rounded, and where its products come in tiles (AMX) the gradient of weights, too.
        const rounding = dtype === 'bfloat16' ? 2 ** -8 : 5e-6
        for (const [i, each] of got.entries())
          expect(relativeError(values(each), values(wanted[i]!))).toBeLessThan(rounding)
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
    const before = getNumThreads()
    const run = (threads: number) => {
      setNumThreads(threads)
      const x = leaf(contiguous(sample([5, 32, 20, 20]), 'channels_last'))
      const w = leaf(sample([48, 32, 3, 3], 2))
      const y = conv2d3x3(x, w)
      return [y, ...grad([sum(mul(y, y))], [x, w])].map((one) => values(one!))
    }
    try {
      expect(run(2)).toEqual(run(1))
    } finally {
      setNumThreads(before)
    }
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
