import { describe, expect, it } from 'vitest'
import { grad } from './autograd.js'
import type { DType, MemoryFormat } from './dtype.js'
import { contiguous, fusedBatchNorm, mul, ones, sum, zeros } from './generated/ops.js'
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

interface Inputs {
  x: number[]
  weight: number[]
  bias: number[]
  slope: number[] | null
  residual: number[] | null
  /** dL/dy. */
  given: number[]
}

/** Output and gradients in float64, row-major [samples, channels, inner], by the textbook's derivation. */
function formula(
  input: Inputs,
  inner: number,
  eps: number,
  fixed?: { mean: number; variance: number },
) {
  const { x, weight, bias, slope, residual, given } = input
  const channels = weight.length
  const channel = (i: number) => Math.floor(i / inner) % channels
  const n = x.length / channels
  const total = (of: (i: number) => number) => {
    const sums = weight.map(() => 0)
    for (let i = 0; i < x.length; i++) sums[channel(i)]! += of(i)
    return sums
  }
  const mean = fixed ? weight.map(() => fixed.mean) : total((i) => x[i]! / n)
  const variance = fixed
    ? weight.map(() => fixed.variance)
    : total((i) => (x[i]! - mean[channel(i)]!) ** 2 / n)
  const deviation = variance.map((v) => Math.sqrt(v + eps))
  const hat = x.map((v, i) => (v - mean[channel(i)]!) / deviation[channel(i)]!)
  const z = hat.map((v, i) => v * weight[channel(i)]! + bias[channel(i)]!)
  const slopeOf = (i: number) => (slope === null ? 1 : slope[channel(i) % slope.length]!)
  const y = z.map((v, i) => (v > 0 ? v : v * slopeOf(i)) + (residual?.[i] ?? 0))
  const inside = given.map((g, i) => (z[i]! > 0 ? g : g * slopeOf(i)))
  const [gradBias, gradWeight] = [total((i) => inside[i]!), total((i) => inside[i]! * hat[i]!)]
  const through = fixed ? 0 : 1
  const gradX = inside.map((g, i) => {
    const c = channel(i)
    const pulled = (gradBias[c]! + hat[i]! * gradWeight[c]!) / n
    return (weight[c]! / deviation[c]!) * (g - through * pulled)
  })
  const each = total((i) => (z[i]! > 0 ? 0 : given[i]! * z[i]!))
  const gradSlope = slope?.length === 1 ? [each.reduce((a, b) => a + b)] : each
  return { y, gradX, gradWeight, gradBias, gradSlope, mean, variance, n }
}

const planes: MemoryFormat = 'contiguous_format'
const shapes: [number[], MemoryFormat][] = [
  [[3, 5, 7, 9], 'channels_last'],
  [[2, 64, 40, 31], 'channels_last'],
  [[3, 16, 4, 4], 'contiguous_format'],
  [[300, 37], 'contiguous_format'],
]
const kinds = ['alone', 'slopes', 'one slope', 'residual', 'slopes and residual'] as const

describe.each(['float32', 'bfloat16'] as const)('arcface::batch_norm, %s', (dtype) => {
  const round = dtype === 'bfloat16' ? bfloat16 : Math.fround
  // A result in bfloat16 is the nearest one of what float32 gives: half of its last bit, 2^-9.
  const tolerance = dtype === 'bfloat16' ? 2 ** -8 : 1e-5

  // Without loops of ours, ATen rounds to bfloat16 between one operator and the next.
  const exact = shapes.filter(
    ([shape, format]) => dtype === 'float32' || format !== planes || shape.length === 2,
  )
  describe.each(exact)('%j %s', (shape, format) => {
    const channels = shape[1]!
    const inner = product(shape.slice(2))
    const make = (data: number[]) => contiguous(tensor(data, shape, { dtype }), format)

    for (const kind of kinds)
      for (const training of [true, false])
        it(`${kind}, ${training ? 'training' : 'evaluation'}: the formula's values and gradients`, () => {
          const some = (seed: number) => numbers(product(shape), seed).map(round)
          const few = (seed: number) => numbers(channels, seed).map(Math.fround)
          const input: Inputs = {
            x: some(1).map((v) => round(v + 0.3)),
            weight: few(2),
            bias: few(3),
            slope: kind === 'one slope' ? [0.25] : kind.startsWith('slopes') ? few(4) : null,
            residual: kind.endsWith('residual') ? some(5) : null,
            given: some(6),
          }
          const [eps, momentum] = [1e-3, 0.3]
          const wanted = formula(
            input,
            inner,
            eps,
            training ? undefined : { mean: 0.5, variance: 2 },
          )
          const x = leaf(make(input.x))
          const [weight, bias] = [leaf(tensor(input.weight)), leaf(tensor(input.bias))]
          const slope = input.slope && leaf(tensor(input.slope))
          const residual = input.residual && leaf(make(input.residual))
          const runningMean = tensor(new Array(channels).fill(0.5))
          const runningVar = tensor(new Array(channels).fill(2))
          const y = fusedBatchNorm(
            ...([x, weight, bias, runningMean, runningVar, slope, residual] as const),
            ...([training, momentum, eps] as const),
          )
          const leaves = [x, weight, bias, slope, residual].filter((one) => one !== null)
          const found = grad([y], leaves, { gradients: [make(input.given)] }).map((one) => one!)
          expect(y.dtype).toBe(dtype)
          expect(y.strides).toEqual(x.strides)
          expect(relativeError(values(y), wanted.y)).toBeLessThan(tolerance)
          const gradients = [wanted.gradX, wanted.gradWeight, wanted.gradBias]
          if (slope) gradients.push(wanted.gradSlope)
          if (residual) gradients.push(input.given)
          for (const [i, expected] of gradients.entries())
            expect(relativeError(values(found[i]!), expected), `gradient ${i}`).toBeLessThan(
              tolerance,
            )
          const unbiased = wanted.n / (wanted.n - 1)
          const running = (before: number, of: number[], factor: number) =>
            of.map((v) => (training ? (1 - momentum) * before + momentum * v * factor : before))
          expect(relativeError(values(runningMean), running(0.5, wanted.mean, 1))).toBeLessThan(
            1e-6,
          )
          expect(
            relativeError(values(runningVar), running(2, wanted.variance, unbiased)),
          ).toBeLessThan(1e-6)
        })
  })
})

/** Of a batch of [N, C, H, W] or [N, C], by default with parameters of its own. */
function normalise(x: Tensor, slope: Tensor | null = null, weight = ones([x.shape[1]!])): Tensor {
  const c = x.shape[1]!
  return fusedBatchNorm(x, weight, zeros([c]), zeros([c]), ones([c]), slope, null, true, 0.1, 1e-5)
}

describe('arcface::batch_norm', () => {
  it('finds a small variance beside a large mean', () => {
    const x = numbers(40_000).map((v) => Math.fround(1000 + v))
    const mean = x.reduce((a, b) => a + b) / x.length
    const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length
    const got = values(normalise(tensor(x, [40_000, 1])))
    // The mean is kept in float32, whose last bit at 1000 is 6e-5.
    expect(
      relativeError(
        got,
        x.map((v) => (v - mean) / Math.sqrt(variance + 1e-5)),
      ),
    ).toBeLessThan(2e-4)
  })

  it('differentiates its gradients like float64, which is made of ATen', () => {
    const second = (dtype: DType) => {
      const x = leaf(contiguous(sample([3, 2, 2, 2], 1, dtype), 'channels_last'))
      const slope = leaf(sample([2], 2, dtype))
      const given = sample([3, 2, 2, 2], 4, dtype)
      const weight = leaf(sample([2], 3, dtype))
      const c = [zeros([2], dtype), zeros([2], dtype), ones([2], dtype)] as const
      const y = fusedBatchNorm(x, weight, ...c, slope, null, true, 0.1, 1e-5)
      const first = grad([sum(mul(mul(y, y), given))], [x, weight, slope], { createGraph: true })
      const squares = first.map((one) => sum(mul(one!, one!)))
      return grad(squares, [x, weight, slope]).map((one) => values(one!))
    }
    for (const [i, wanted] of second('float64').entries())
      expect(relativeError(second('float32')[i]!, wanted)).toBeLessThan(1e-4)
  })

  it('gives the same bits at one thread and at two', () => {
    const [alone, shared] = atThreads([1, 2], () => {
      const x = leaf(contiguous(sample([4, 16, 40, 40]), 'channels_last'))
      const [weight, slope] = [leaf(sample([16], 2)), leaf(sample([16], 3))]
      const y = normalise(x, slope, weight)
      return [y, ...grad([sum(mul(y, y))], [x, weight, slope])].map((one) => values(one!))
    })
    expect(shared).toEqual(alone)
  })

  it('passes NaN on to its channel alone', () => {
    const x = numbers(64)
    x[5] = Number.NaN
    const y = values(normalise(tensor(x, [16, 4])))
    expect(y.map((v, i) => (Number.isNaN(v) ? i % 4 : -1)).filter((c) => c >= 0)).toEqual(
      new Array(16).fill(1),
    )
  })

  it.each(['float32', 'bfloat16'] as const)(
    'takes statistics that come in parts of any size, %s',
    (dtype) => {
      // Means from 0 to 300 beside deviations of about a half.
      const [rows, channels] = [301, 4]
      const round = dtype === 'bfloat16' ? bfloat16 : Math.fround
      const data = numbers(rows * channels).map((v, i) => round(v + 100 * (i % channels)))
      const parts = [
        [0, 1],
        [1, 200],
        [200, rows],
      ] as const
      const stats = parts.flatMap(([from, to]) => {
        const each = Array.from({ length: channels }, (_, c) =>
          data.slice(from * channels, to * channels).filter((_, i) => i % channels === c),
        )
        const mean = each.map((own) => own.reduce((a, b) => a + b) / own.length)
        const squares = each.map((own, c) => own.reduce((a, b) => a + (b - mean[c]!) ** 2, 0))
        return [...each.map((own) => own.length), ...mean, ...squares]
      })
      const run = (given: Tensor | null) => {
        const x = leaf(tensor(data, [rows, channels], { dtype }))
        const weight = leaf(sample([channels], 2))
        const running = [zeros([channels]), ones([channels])] as const
        const y = fusedBatchNorm(
          ...([
            x,
            weight,
            zeros([channels]),
            ...running,
            null,
            null,
            true,
            0.1,
            1e-5,
            given,
          ] as const),
        )
        const gradients = [sample([rows, channels], 3, dtype)]
        return [y, ...running, ...grad([y], [x, weight], { gradients })].map((one) => values(one!))
      }
      const wanted = run(null)
      for (const [i, got] of run(tensor(stats, [parts.length, 3, channels])).entries())
        expect(relativeError(got, wanted[i]!)).toBeLessThan(dtype === 'bfloat16' ? 2 ** -7 : 2e-4)
      // They are taken, not computed once more: those of another batch give another mean.
      const other = stats.map((v, i) => (Math.floor(i / channels) % 3 === 1 ? v + 1 : v))
      const mean = run(tensor(other, [parts.length, 3, channels]))[1]!
      expect(
        relativeError(
          mean,
          wanted[1]!.map((v) => v + 0.1),
        ),
      ).toBeLessThan(1e-5)
    },
  )

  it('refuses statistics that do not fit', () => {
    const c = [ones([3]), zeros([3]), zeros([3]), ones([3])] as const
    for (const stats of [ones([1, 3, 2]), ones([2, 3]), ones([1, 3, 3], 'float64')])
      expect(() =>
        fusedBatchNorm(sample([4, 3]), ...c, null, null, true, 0.1, 1e-5, stats),
      ).toThrow(/statistics that do not fit/)
  })

  it('refuses parameters, slopes and residuals that do not fit', () => {
    const [x, c] = [sample([4, 3]), [ones([3]), zeros([3]), zeros([3]), ones([3])] as const]
    const call = (weight: Tensor, slope: Tensor | null, residual: Tensor | null) => () =>
      fusedBatchNorm(x, weight, c[1], c[2], c[3], slope, residual, true, 0.1, 1e-5)
    expect(codeOf(call(ones([2]), null, null))).toBe('TORCH_OPERATOR')
    expect(call(c[0], ones([2]), null)).toThrow(/2 slopes do not fit/)
    expect(call(c[0], null, sample([4, 2]))).toThrow(/residual/)
  })
})
