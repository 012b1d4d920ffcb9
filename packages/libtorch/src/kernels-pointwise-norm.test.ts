import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { autocast, grad } from './autograd.js'
import type { DType } from './dtype.js'
import { contiguous, mul, ones, pointwiseNorm, sum, zeros } from './generated/ops.js'
import { BatchNorm2d, Conv2d, PReLU } from './nn/index.js'
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
import { type Tensor, tensor } from './tensor.js'

type Shape = [number, number, number, number]
interface Case {
  shape: Shape
  outputs: number
  slopes: 'none' | 'one' | 'each'
  residual: boolean
}
const EPS = 1e-3

/** Values of a layer, channels last: x [rows, in], w [out, in], scale and shift [out], slopes of each output. */
interface Layer {
  x: number[]
  w: number[]
  scale: number[]
  shift: number[]
  slope: number[]
}

/** Output, statistics and gradients by the definition, in float64; `round` is what y is stored in. */
function formula(
  { x, w, scale, shift, slope }: Layer,
  residual: number[] | null,
  g: number[],
  round: (value: number) => number,
) {
  const out = scale.length
  const inputs = w.length / out
  const rows = x.length / inputs
  const [y, z, gy] = [0, 1, 2].map(() => new Array<number>(rows * out).fill(0)) as number[][]
  const [gx, gw] = [x.map(() => 0), w.map(() => 0)]
  const [gScale, gShift, gSlope, mean, variance] = [0, 1, 2, 3, 4].map(() =>
    new Array<number>(out).fill(0),
  ) as [number[], number[], number[], number[], number[]]
  for (let o = 0; o < out; o++) {
    for (let r = 0; r < rows; r++) {
      let total = 0
      for (let i = 0; i < inputs; i++) total += x[r * inputs + i]! * w[o * inputs + i]!
      y![r * out + o] = round(total)
      mean[o]! += y![r * out + o]! / rows
    }
    for (let r = 0; r < rows; r++) variance[o]! += (y![r * out + o]! - mean[o]!) ** 2 / rows
    const deviation = Math.sqrt(variance[o]! + EPS)
    const inner: number[] = []
    for (let r = 0; r < rows; r++) {
      const normal = (y![r * out + o]! - mean[o]!) / deviation
      const value = normal * scale[o]! + shift[o]!
      const given = g[r * out + o]!
      z![r * out + o] = (value > 0 ? value : value * slope[o]!) + (residual?.[r * out + o] ?? 0)
      inner.push(value > 0 ? given : given * slope[o]!)
      if (value <= 0) gSlope[o]! += given * value
      gShift[o]! += inner[r]!
      gScale[o]! += inner[r]! * normal
    }
    for (let r = 0; r < rows; r++) {
      const normal = (y![r * out + o]! - mean[o]!) / deviation
      const level = (gShift[o]! + normal * gScale[o]!) / rows
      gy![r * out + o] = ((inner[r]! - level) * scale[o]!) / deviation
      for (let i = 0; i < inputs; i++) {
        gx[r * inputs + i]! += gy![r * out + o]! * w[o * inputs + i]!
        gw[o * inputs + i]! += gy![r * out + o]! * x[r * inputs + i]!
      }
    }
  }
  return { z: z!, mean, variance, gx, gw, gScale, gShift, gSlope }
}

const cases: Case[] = [
  { shape: [2, 16, 3, 3], outputs: 16, slopes: 'none', residual: false },
  { shape: [3, 64, 5, 7], outputs: 128, slopes: 'each', residual: false },
  { shape: [2, 112, 6, 5], outputs: 80, slopes: 'one', residual: true },
  { shape: [5, 128, 1, 1], outputs: 48, slopes: 'each', residual: true },
  { shape: [1, 32, 25, 31], outputs: 96, slopes: 'none', residual: true },
]

/** [rows, channels] as a tensor of [N, C, H, W] in channels last, and back. */
const rowsToTensor = (rows: number[], [n, c, h, w]: Shape, dtype: DType) => {
  const planes = Array.from({ length: rows.length }, (_, at) => {
    const [image, channel, pixel] = [
      Math.floor(at / (c * h * w)),
      Math.floor(at / (h * w)) % c,
      at % (h * w),
    ]
    return rows[(image * h * w + pixel) * c + channel]!
  })
  return contiguous(tensor(planes, [n, c, h, w], { dtype }), 'channels_last')
}
const tensorToRows = (of: Tensor): number[] => {
  const [n = 1, c = 1, ...rest] = of.shape
  const pixels = product(rest)
  const planes = values(of)
  const rows = new Array<number>(planes.length)
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let pixel = 0; pixel < pixels; pixel++)
        rows[(image * pixels + pixel) * c + channel] =
          planes[(image * c + channel) * pixels + pixel]!
  return rows
}

describe('arcface::pointwise_norm', () => {
  for (const dtype of ['float32', 'bfloat16'] as const)
    for (const one of cases)
      it(`gives the definition's values and gradients: ${dtype} ${JSON.stringify(one)}`, () => {
        const { shape, outputs, slopes, residual } = one
        const [n, inputs, h, w] = shape
        const outShape: Shape = [n, outputs, h, w]
        const round = dtype === 'bfloat16' ? bfloat16 : Math.fround
        const slopeValues =
          slopes === 'one' ? [0.25] : numbers(outputs, 5).map((v) => Math.fround(Math.abs(v)))
        const layer = {
          x: numbers(product(shape), 1).map(round),
          w: numbers(outputs * inputs, 2).map((v) => round(v / Math.sqrt(inputs))),
          scale: numbers(outputs, 3).map(Math.fround),
          shift: numbers(outputs, 4).map(Math.fround),
        }
        const each = Array.from({ length: outputs }, (_, o) =>
          slopes === 'none' ? 1 : slopeValues[o % slopeValues.length]!,
        )
        const added = residual ? numbers(n * h * w * outputs, 6).map(round) : null
        const g = numbers(n * h * w * outputs, 7).map(round)
        const stored = dtype === 'bfloat16' ? bfloat16 : (value: number) => value
        const wanted = formula({ ...layer, slope: each }, added, g, stored)

        const x = leaf(rowsToTensor(layer.x, shape, dtype))
        const weight = leaf(tensor(layer.w, [outputs, inputs, 1, 1]))
        const [scale, shift] = [leaf(tensor(layer.scale)), leaf(tensor(layer.shift))]
        const slope = slopes === 'none' ? null : leaf(tensor(slopeValues))
        const other = added && leaf(rowsToTensor(added, outShape, dtype))
        const [mean, variance] = [zeros([outputs]), ones([outputs])]
        const z = pointwiseNorm(x, weight, scale, shift, mean, variance, slope, other, 0.5, EPS)
        const wants = [
          x,
          weight,
          scale,
          shift,
          ...(slope ? [slope] : []),
          ...(other ? [other] : []),
        ]
        const [gx, gw, gScale, gShift, ...more] = grad([z], wants, {
          gradients: [rowsToTensor(g, outShape, dtype)],
        })
        const rows = n * h * w
        const tolerance = dtype === 'bfloat16' ? 2 ** -7 : 4e-6
        const near = (got: number[], expected: number[]) =>
          expect(relativeError(got, expected)).toBeLessThan(tolerance)
        expect([z.shape, z.dtype, gx!.dtype, gw!.dtype]).toEqual([
          outShape,
          dtype,
          dtype,
          'float32',
        ])
        near(tensorToRows(z), wanted.z)
        near(
          values(mean),
          wanted.mean.map((v) => v / 2),
        )
        near(
          values(variance),
          wanted.variance.map((v) => 0.5 + (v * rows) / (rows - 1) / 2),
        )
        near(tensorToRows(gx!), wanted.gx)
        near(values(gw!), wanted.gw)
        near(values(gScale!), wanted.gScale)
        near(values(gShift!), wanted.gShift)
        if (slope) {
          const sums = slopes === 'one' ? [wanted.gSlope.reduce((a, b) => a + b)] : wanted.gSlope
          near(values(more[0]!), sums)
        }
        if (other) expect(tensorToRows(more.at(-1)!)).toEqual(g)
      })

  it('keeps a small variance beside a large mean', () => {
    const rows = 600
    const x = Array.from({ length: rows * 16 }, (_, i) => (i % 16 === 0 ? 1000 : numbers(1, i)[0]!))
    const w = Array.from({ length: 256 }, (_, i) => (i % 16 === 0 ? 1 : numbers(1, i)[0]! / 8))
    const variance = ones([16])
    pointwiseNorm(
      rowsToTensor(x, [2, 16, 20, 15], 'float32'),
      tensor(w, [16, 16, 1, 1]),
      ...([ones([16]), zeros([16]), zeros([16]), variance, null, null, 1, EPS] as const),
    )
    const layer = { x, w, scale: w.slice(0, 16), shift: w.slice(0, 16), slope: w.slice(0, 16) }
    const g = new Array<number>(rows * 16).fill(0)
    const wanted = formula(layer, null, g, Math.fround).variance
    expect(
      relativeError(
        values(variance),
        wanted.map((v) => (v * rows) / (rows - 1)),
      ),
    ).toBeLessThan(1e-3)
  })

  it('differentiates its gradients like float64, which is made of ATen', () => {
    const second = (dtype: DType) => {
      const x = leaf(contiguous(sample([2, 16, 4, 4], 1, dtype), 'channels_last'))
      const [w, scale] = [leaf(sample([16, 16, 1, 1], 2, dtype)), leaf(sample([16], 3, dtype))]
      const [mean, variance] = [zeros([16], dtype), ones([16], dtype)]
      const shift = sample([16], 4, dtype)
      const y = pointwiseNorm(x, w, scale, shift, mean, variance, null, null, 0.1, EPS)
      const wants = [x, w, scale]
      const first = grad([sum(mul(mul(y, y), y))], wants, { createGraph: true })
      return grad(
        first.map((one) => sum(mul(one!, one!))),
        wants,
      ).map((one) => values(one!))
    }
    const wanted = second('float64')
    for (const [i, got] of second('float32').entries())
      expect(relativeError(got, wanted[i]!)).toBeLessThan(1e-4)
  })

  it('gives the same bits at one thread and at two', () => {
    const [alone, shared] = atThreads([1, 2], () => {
      const x = leaf(contiguous(sample([5, 32, 20, 20]), 'channels_last'))
      const [w, scale, shift] = [sample([64, 32, 1, 1], 2), sample([64], 3), sample([64], 4)]
      const [mean, variance] = [zeros([64]), ones([64])]
      const y = pointwiseNorm(x, leaf(w), leaf(scale), shift, mean, variance, null, null, 0.1, EPS)
      return [y, mean, variance, ...grad([sum(mul(y, y))], [x, w, scale])].map((one) =>
        values(one!),
      )
    })
    expect(shared).toEqual(alone)
  })

  it.each(['default', 'avx2'])(
    'gives the same by the loops of a processor with no more than: %s',
    (capability) => {
      const program = `
      import { grad, ops, tensor } from '@arcface/libtorch'
      const noise = (shape, by) => {
        const count = shape.reduce((a, b) => a * b)
        const one = (i) => (Math.sin((i + by) * 12.9898) * 43758.5453) % 1
        return tensor(Array.from({ length: count }, (_, i) => one(i)), shape)
      }
      const values = (of) => [...ops.toDtype(of, 'float32').toFloat32Array()].slice(0, 4000)
      const run = (dtype) => {
        const x = ops.contiguous(ops.toDtype(noise([2, 80, 7, 9], 0.7), dtype), 'channels_last')
        const w = noise([112, 80, 1, 1], 0.9)
        for (const one of [x, w]) one.requiresGrad = true
        const [scale, shift, mean] = [0.3, 0.4, 0.5].map((by) => noise([112], by))
        const z = ops.pointwiseNorm(x, w, scale, shift, mean, ops.ones([112]), null, null, 0.1, 1e-3)
        return [z, ...grad([z], [x, w], { gradients: [ops.toDtype(noise(z.shape, 0.6), dtype)] })].map(values)
      }
      console.log(JSON.stringify([run('float32'), run('bfloat16')]))`
      const run = (env: NodeJS.ProcessEnv) =>
        JSON.parse(
          execFileSync(process.execPath, ['--input-type=module', '-e', program], {
            env: { ...process.env, ...env },
          }).toString(),
        ) as number[][][]
      const [wanted, got] = [run({}), run({ ATEN_CPU_CAPABILITY: capability })]
      for (const [i, tolerance] of [2e-5, 2 ** -6].entries())
        for (const [k, one] of got[i]!.entries())
          expect(relativeError(one, wanted[i]![k]!)).toBeLessThan(tolerance)
    },
  )

  it('serves what it has no loops for: another layout, few channels, float64', () => {
    for (const [channels, dtype, format] of [
      [16, 'float32', 'contiguous_format'],
      [6, 'float32', 'channels_last'],
      [16, 'float64', 'channels_last'],
    ] as const) {
      const layer = {
        x: numbers(60 * channels),
        w: numbers(channels * channels, 2),
        scale: numbers(channels, 3),
        shift: numbers(channels, 4),
        slope: new Array<number>(channels).fill(1),
      }
      const g = new Array<number>(60 * channels).fill(0)
      const z = pointwiseNorm(
        contiguous(rowsToTensor(layer.x, [2, channels, 6, 5], dtype), format),
        tensor(layer.w, [channels, channels, 1, 1], { dtype }),
        tensor(layer.scale, [channels], { dtype }),
        tensor(layer.shift, [channels], { dtype }),
        ...([zeros([channels], dtype), ones([channels], dtype), null, null, 0.1, EPS] as const),
      )
      const wanted = formula(layer, null, g, (value) => value)
      expect(relativeError(tensorToRows(z), wanted.z)).toBeLessThan(1e-5)
    }
  })

  it('refuses what does not fit, with the sizes', () => {
    const x = contiguous(sample([2, 16, 4, 4]), 'channels_last')
    const call = (scale: Tensor, residual: Tensor | null) =>
      pointwiseNorm(
        ...([x, sample([32, 16, 1, 1]), scale, zeros([32])] as const),
        ...([zeros([32]), ones([32]), null, residual, 0.1, EPS] as const),
      )
    expect(() => call(ones([16]), null)).toThrow(/one value for each output/)
    expect(() => call(ones([32]), sample([2, 16, 4, 4]))).toThrow(/residual/)
  })
})

describe('BatchNorm2d.after', () => {
  const layers = () => {
    const convolution = new Conv2d(16, 32, 1, { bias: false })
    return { convolution, norm: new BatchNorm2d(32), activation: new PReLU(32) }
  }

  it('gives in training what the layers give one after the other, statistics too', () => {
    const { convolution, norm, activation } = layers()
    const x = contiguous(sample([4, 16, 5, 5]), 'channels_last')
    const state = () => [...norm.stateDict().values()].map(values)
    const together = values(norm.after(convolution, { activation }, x))
    const after = state()
    norm.loadStateDict(new BatchNorm2d(32).stateDict())
    const apart = values(activation.call(norm.call(convolution.call(x))))
    expect(relativeError(together, apart)).toBeLessThan(1e-5)
    for (const [i, one] of state().entries())
      expect(relativeError(after[i]!, one)).toBeLessThan(1e-5)
  })

  it('keeps a bfloat16 input bfloat16 under autocast, its weights float32', () => {
    const { convolution, norm, activation } = layers()
    const x = leaf(contiguous(sample([4, 16, 5, 5], 1, 'bfloat16'), 'channels_last'))
    const z = autocast('bfloat16', () => norm.after(convolution, { activation }, x))
    expect(z.dtype).toBe('bfloat16')
    sum(z).backward()
    expect(convolution.weight.grad!.dtype).toBe('float32')
    expect(x.grad!.dtype).toBe('bfloat16')
  })
})
