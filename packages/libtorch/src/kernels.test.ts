import { describe, expect, it } from 'vitest'
import { autocast, grad, noGrad } from './autograd.js'
import type { DType, MemoryFormat } from './dtype.js'
import { contiguous, fusedPrelu, mul, prelu, sum, toDtype } from './generated/ops.js'
import { loadKernels } from './kernels.js'
import { PReLU } from './nn/index.js'
import {
  atThreads,
  bfloat16,
  leaf,
  numbers,
  numericGradient,
  product,
  relativeError,
  sample,
  values,
} from './numeric.test.support.js'
import { op } from './op.js'
import { type Tensor, tensor } from './tensor.js'

/** y, dL/dx and dL/dw of PReLU in float64, for L = sum(g y), row-major [outer, channels, inner]. */
function formula(x: number[], w: number[], g: number[], inner: number) {
  const gw = w.map(() => 0)
  const y = x.map((v, i) => {
    const c = Math.floor(i / inner) % w.length
    if (v <= 0) gw[c]! += v * g[i]!
    return v > 0 ? v : w[c]! * v
  })
  const gx = x.map((v, i) => (v > 0 ? g[i]! : w[Math.floor(i / inner) % w.length]! * g[i]!))
  return { y, gx, gw }
}

const shapes: [number[], MemoryFormat][] = [
  [[3, 5, 7, 9], 'contiguous_format'],
  [[3, 5, 7, 9], 'channels_last'],
  [[2, 64, 28, 28], 'contiguous_format'],
  [[2, 64, 28, 28], 'channels_last'],
  [[4, 33, 1, 1], 'contiguous_format'],
  [[1000, 37], 'contiguous_format'],
  [[2, 3, 50], 'contiguous_format'],
  [[1, 1, 300, 300], 'contiguous_format'],
]

describe('arcface::prelu', () => {
  for (const [shape, format] of shapes)
    for (const dtype of ['float32', 'bfloat16'] as const)
      it(`gives the formula's values and gradients: ${dtype} [${shape}] ${format}`, () => {
        const channels = shape[1]!
        const count = product(shape)
        const round = dtype === 'bfloat16' ? bfloat16 : Math.fround
        const [x, g] = [numbers(count, 1).map(round), numbers(count, 2).map(round)]
        const w = numbers(channels, 3).map(Math.fround)
        const make = (data: number[]) => contiguous(tensor(data, shape, { dtype }), format)
        const tx = leaf(make(x))
        const tw = leaf(tensor(w))
        const y = fusedPrelu(tx, tw)
        const [gx, gw] = grad([y], [tx, tw], { gradients: [make(g)] })
        const wanted = formula(x, w, g, count / shape[0]! / channels)
        expect(y.dtype).toBe(dtype)
        expect(gx!.dtype).toBe(dtype)
        expect(gw!.dtype).toBe('float32')
        expect(y.strides).toEqual(tx.strides)
        expect(values(y)).toEqual(wanted.y.map(round))
        expect(values(gx!)).toEqual(wanted.gx.map(round))
        expect(relativeError(values(gw!), wanted.gw)).toBeLessThan(2e-6)
      })

  it('agrees with aten::prelu', () => {
    const [x, w] = [leaf(sample([2, 8, 6, 6])), leaf(sample([8], 2))]
    const g = sample([2, 8, 6, 6], 3)
    const [ours, aten] = [fusedPrelu, prelu].map((f) => {
      const y = f(x, w)
      return [y, ...grad([y], [x, w], { gradients: [g] })].map((one) => values(one!))
    })
    expect(ours![0]).toEqual(aten![0])
    expect(ours![1]).toEqual(aten![1])
    expect(relativeError(ours![2]!, aten![2]!)).toBeLessThan(1e-6)
  })

  it('agrees with numeric gradients, and its second derivatives do', () => {
    const [x, w] = [leaf(sample([2, 3, 2, 2], 1, 'float64')), leaf(sample([3], 2, 'float64'))]
    const f = () => sum(mul(fusedPrelu(x, w), fusedPrelu(x, w)))
    const [gx, gw] = grad([f()], [x, w], { createGraph: true })
    const detached = { x: x.detach(), w: w.detach() }
    expect(relativeError(values(gx!), numericGradient(f, detached.x))).toBeLessThan(1e-7)
    expect(relativeError(values(gw!), numericGradient(f, detached.w))).toBeLessThan(1e-7)
    const first = () => {
      const [one] = grad([f()], [x], { createGraph: true })
      return sum(mul(one!, one!))
    }
    const [second] = grad([first()], [w])
    const place = detached.w.asTypedArray() as Float64Array
    const numeric = Array.from(place, (value, i) => {
      place[i] = value + 1e-6
      const above = first().item()
      place[i] = value - 1e-6
      const below = first().item()
      place[i] = value
      return (above - below) / 2e-6
    })
    expect(relativeError(values(second!), numeric)).toBeLessThan(1e-6)
  })

  it('differentiates the fused backward of float32 twice like float64', () => {
    const result = (dtype: DType) => {
      const [x, w] = [leaf(sample([2, 3, 2, 2], 1, dtype)), leaf(sample([3], 2, dtype))]
      const [gw] = grad([sum(mul(fusedPrelu(x, w), fusedPrelu(x, w)))], [w], { createGraph: true })
      return values(grad([sum(mul(gw!, gw!))], [x])[0]!)
    }
    expect(relativeError(result('float32'), result('float64'))).toBeLessThan(1e-5)
  })

  it('takes one slope for all channels', () => {
    const x = numbers(60).map(Math.fround)
    const [tx, w] = [leaf(tensor(x, [2, 5, 6])), leaf(tensor([0.5]))]
    const [gx, gw] = grad([sum(fusedPrelu(tx, w))], [tx, w])
    const wanted = formula(
      x,
      [0.5],
      x.map(() => 1),
      60,
    )
    expect(values(gx!)).toEqual(wanted.gx)
    expect(gw!.shape).toEqual([1])
    expect(relativeError(values(gw!), wanted.gw)).toBeLessThan(1e-6)
  })

  it('takes a strided view, an empty batch, and NaN and infinities as they are', () => {
    const x = sample([4, 6])
    expect(values(fusedPrelu(op('aten::t', x) as Tensor, tensor([2, 2, 2, 2])))).toEqual(
      values(op('aten::t', x) as Tensor).map((v) => (v > 0 ? v : Math.fround(2 * v))),
    )
    const empty = leaf(tensor([], [0, 3, 4, 4]))
    const w = leaf(tensor([1, 2, 3]))
    const [gx, gw] = grad([sum(fusedPrelu(empty, w))], [empty, w])
    expect(gx!.shape).toEqual([0, 3, 4, 4])
    expect(values(gw!)).toEqual([0, 0, 0])
    for (const dtype of ['float32', 'bfloat16'] as const)
      expect(
        values(
          fusedPrelu(
            tensor([Number.NaN, Infinity, -Infinity, 0], [1, 4], { dtype }),
            tensor([0.5]),
          ),
        ),
      ).toEqual([Number.NaN, Infinity, -Infinity, 0])
  })

  it('gives the same bits at one thread and at two', () => {
    const [alone, shared] = atThreads([1, 2], () => {
      return (['contiguous_format', 'channels_last'] as const).map((format) => {
        const [x, w] = [leaf(contiguous(sample([4, 16, 40, 40]), format)), leaf(sample([16], 2))]
        return values(grad([sum(fusedPrelu(x, w))], [w])[0]!)
      })
    })
    expect(shared).toEqual(alone)
  })

  it('keeps a bfloat16 input bfloat16 under autocast, its slopes float32', () => {
    const layer = new PReLU(3)
    const x = leaf(sample([2, 3, 4, 4], 1, 'bfloat16'))
    const y = autocast('bfloat16', () => layer.call(x))
    expect(y.dtype).toBe('bfloat16')
    sum(toDtype(y, 'float32')).backward()
    expect(layer.weight.dtype).toBe('float32')
    expect(layer.weight.grad!.dtype).toBe('float32')
    expect(x.grad!.dtype).toBe('bfloat16')
  })

  it('refuses slopes that do not fit, with the shapes', () => {
    loadKernels()
    expect(() => fusedPrelu(sample([2, 3]), sample([2]))).toThrow(
      /arcface::prelu\(self: float32\[2, 3\], weight: float32\[2\]\): .*one for each channel/,
    )
    expect(() => fusedPrelu(tensor([1], [1], { dtype: 'int32' }), tensor([1]))).toThrow(/floating/)
  })

  it('records nothing in noGrad', () => {
    const x = leaf(sample([2, 3]))
    expect(noGrad(() => fusedPrelu(x, sample([3]))).requiresGrad).toBe(false)
  })
})
