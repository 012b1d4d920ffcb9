import { describe, expect, it } from 'vitest'
import { contiguous, narrow } from '../generated/ops.js'
import { numbers, relativeError, sample, values } from '../numeric.test.support.js'
import { liveTensors, type Tensor, tensor } from '../tensor.js'
import { clipGradNorm, gradNorm } from './clip.js'

/** A parameter with a gradient, or with none. */
function parameter(gradient?: number[]): Tensor {
  const made = tensor(gradient ?? [1, 2])
  if (gradient) made.grad = tensor(gradient)
  return made
}
const norm = (all: number[]) => Math.sqrt(all.reduce((s, v) => s + v * v, 0))

describe('clipGradNorm', () => {
  const given = [numbers(7, 1), numbers(100, 2), numbers(1, 3)]
  const total = norm(given.flat())

  it('scales all gradients to a joint norm, and gives the norm that they had', () => {
    const params = given.map(parameter)
    expect(Math.abs(clipGradNorm(params, 0.5) / total - 1)).toBeLessThan(1e-6)
    // PyTorch divides by norm + 1e-6.
    for (const [i, { grad }] of params.entries())
      expect(
        relativeError(
          values(grad!),
          given[i]!.map((g) => (g * 0.5) / (total + 1e-6)),
        ),
      ).toBeLessThan(1e-6)
    expect(Math.abs(clipGradNorm(params, 0.5) - 0.5)).toBeLessThan(1e-5)
  })

  it('leaves gradients below the norm alone', () => {
    for (const most of [total + 0.1, Infinity]) {
      const params = given.map(parameter)
      expect(Math.abs(clipGradNorm(params, most) / total - 1)).toBeLessThan(1e-6)
      expect(params.map(({ grad }) => values(grad!))).toEqual(given.map((g) => g.map(Math.fround)))
    }
  })

  it('passes over parameters without gradients', () => {
    const params = [parameter(), parameter([3, 4]), parameter()]
    expect(clipGradNorm(params, 10)).toBe(5)
    expect(params.map(({ grad }) => grad && values(grad))).toEqual([null, [3, 4], null])
    expect(clipGradNorm([parameter()], 1)).toBe(0)
    expect(clipGradNorm([], 1)).toBe(0)
  })

  it('tells of what is not finite and leaves it alone', () => {
    for (const bad of [Infinity, Number.NaN]) {
      const params = [parameter([3, 4]), parameter([bad, 1])]
      expect(clipGradNorm(params, 1)).toBe(bad)
      expect(params.map(({ grad }) => values(grad!))).toEqual([
        [3, 4],
        [bad, 1],
      ])
    }
  })

  it('leaves no tensors', () => {
    const params = given.map(parameter)
    const before = liveTensors()
    clipGradNorm(params, 0.1)
    expect(liveTensors()).toBe(before)
  })

  it('sums squares that float32 does not hold, over tensors of every dtype', () => {
    const params = (['float32', 'bfloat16', 'float64'] as const).map((dtype, i) => {
      const made = tensor([1, 1], [2], { dtype })
      made.grad = tensor([0, 2 ** (100 + i)], [2], { dtype })
      return made
    })
    expect(gradNorm([params[0]!])).toBe(2 ** 100)
    expect(gradNorm(params.slice(0, 1).concat(params[2]!))).toBe(Math.hypot(2 ** 100, 2 ** 102))
    params[1]!.grad = tensor([0, 2 ** 50], [2], { dtype: 'bfloat16' })
    params[0]!.grad = tensor([3, 2 ** 50], [2])
    expect(gradNorm(params.slice(0, 2)) / Math.SQRT2 / 2 ** 50).toBeCloseTo(1, 12)
  })

  it('is the norm of many values in float64, however they lie', () => {
    const shape = [7, 5, 29, 53]
    const [made, wider] = [sample(shape), sample([7, 5, 29, 60])]
    for (const grad of [made, contiguous(made, 'channels_last'), narrow(wider, 3, 2, 53)]) {
      const param = sample(shape, 2)
      param.grad = grad
      expect(gradNorm([param]) / norm(values(grad))).toBeCloseTo(1, 12)
    }
  })
})
