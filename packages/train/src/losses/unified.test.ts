import { noGrad, ops, scope, tensor } from '@arcface/libtorch'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { golden, type HeadCase } from '../testing/goldens.js'
import type { MarginGradient } from './margin.js'
import { UnifiedMargin } from './unified.js'

/** ArcFace's settings. */
interface ArcFaceOptions {
  scale: number
  margin: number
  gradient: MarginGradient
}

interface Result {
  loss: number
  logits: number[][]
  embeddingGradient: number[][]
  weightGradient: number[][]
}

type Inputs = Pick<HeadCase, 'embeddings' | 'weight' | 'labels'>

const rows = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from({ length: width }, (_, j) => values[i * width + j]!),
  )

/** What the head gives for these inputs, in one dtype. */
function run(
  { embeddings, weight, labels }: Inputs,
  options: ArcFaceOptions,
  dtype: 'float32' | 'float64' = 'float32',
): Result {
  return scope(() => {
    const [classes, dim] = [weight.length, weight[0]!.length]
    const { scale, margin, gradient } = options
    const loss = new UnifiedMargin({ classes, dim }, { scale, gradient, m1: 1, m2: margin, m3: 0 })
    const head = loss.to({ dtype })
    const values = tensor(Float64Array.from(weight.flat()), [classes, dim])
    noGrad(() => ops.copy_(head.weight, values))
    const wide = tensor(Float64Array.from(embeddings.flat()), [embeddings.length, dim])
    const x = ops.toDtype(wide, dtype).detach()
    x.requiresGrad = true
    const y = tensor(labels, [labels.length], { dtype: 'int64' })
    const logits = head.logits(x, y)
    const value = head.call(x, y)
    value.backward()
    const result = {
      loss: value.item(),
      logits: rows(logits.toTypedArray() as Float32Array, classes),
      embeddingGradient: rows(x.grad!.toTypedArray() as Float32Array, dim),
      weightGradient: rows(head.weight.grad!.toTypedArray() as Float32Array, dim),
    }
    head.dispose()
    return result
  })
}

const length = (v: readonly number[]) => Math.hypot(...v)
const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0)

/** The formula of the paper in plain float64, for one sample: logits times 1/s. */
function cosines(x: number[], weight: number[][], label: number, margin: number): number[] {
  return weight.map((w, j) => {
    const cosine = dot(x, w) / (length(x) * length(w))
    if (j !== label) return cosine
    const theta = Math.acos(cosine)
    return theta + margin < Math.PI
      ? Math.cos(theta + margin)
      : cosine - margin * Math.sin(Math.PI - margin)
  })
}

function meanLoss({ embeddings, weight, labels }: Inputs, scale: number, margin: number): number {
  const losses = embeddings.map((x, i) => {
    const logits = cosines(x, weight, labels[i]!, margin).map((t) => scale * t)
    const top = Math.max(...logits)
    const sum = logits.reduce((all, one) => all + Math.exp(one - top), 0)
    return top + Math.log(sum) - logits[labels[i]!]!
  })
  return losses.reduce((sum, one) => sum + one, 0) / losses.length
}

const close = (found: number[], expected: number[] | null, tolerance: number) => {
  if (expected === null) return
  const error = length(found.map((value, i) => value - expected[i]!))
  expect(error).toBeLessThanOrEqual(tolerance * length(expected) + 1e-12)
}

describe("ArcFace equals PyTorch's autograd in float64", () => {
  const { cases } = golden<{ cases: HeadCase[] }>('arcface')
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const options = { scale: one.scale, margin: one.margin, gradient: 'true' } as const
    for (const [dtype, value, gradient] of [
      ['float64', 1e-9, 1e-9],
      // The gradient divides the rounding of a cosine by theta^2, and theta is small in one case.
      ['float32', 2e-5, 3e-4],
    ] as const) {
      const found = run(one, options, dtype)
      expect(Math.abs(found.loss / one.loss - 1)).toBeLessThan(value)
      for (const [i, row] of one.logits.entries()) close(found.logits[i]!, row, value)
      for (const [i, row] of one.embeddingGradient.entries())
        close(found.embeddingGradient[i]!, row, gradient)
      for (const [j, row] of one.weightGradient.entries())
        close(found.weightGradient[j]!, row, gradient)
    }
  })
})

const inputs = (rowsOfX: number, value: fc.Arbitrary<number>): fc.Arbitrary<Inputs> => {
  const matrix = (height: number) =>
    fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), {
      minLength: height,
      maxLength: height,
    })
  return fc.record({
    embeddings: matrix(rowsOfX),
    weight: matrix(5),
    labels: fc.array(fc.nat(4), { minLength: rowsOfX, maxLength: rowsOfX }),
  })
}

const healthy = fc.double({ min: 0.1, max: 1, noNaN: true }).chain((x) => fc.constantFrom(x, -x))

describe('ArcFace', () => {
  it('is the formula of the paper, in float64', () => {
    fc.assert(
      fc.property(
        inputs(3, healthy),
        fc.double({ min: 0, max: 1.5, noNaN: true }),
        (given, margin) => {
          const found = run(given, { scale: 16, margin, gradient: 'true' }, 'float64')
          expect(found.loss).toBeCloseTo(meanLoss(given, 16, margin), 6)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('has the gradient of its own value', () => {
    fc.assert(
      fc.property(inputs(2, healthy), (given) => {
        const margin = 0.5
        const at = given.embeddings.map(
          (x, i) => cosines(x, given.weight, given.labels[i]!, 0)[given.labels[i]!]!,
        )
        // Where the pieces meet, and at theta = 0, there is no derivative to compare with.
        fc.pre(at.every((t) => Math.abs(t - Math.cos(Math.PI - margin)) > 1e-3 && t < 0.999))
        const found = run(given, { scale: 8, margin, gradient: 'true' }, 'float64')
        for (const [name, gradient] of [
          ['embeddings', found.embeddingGradient],
          ['weight', found.weightGradient],
        ] as const)
          gradient.forEach((row, i) => {
            row.forEach((value, j) => {
              const moved = (step: number) => {
                const copy = structuredClone(given)
                copy[name][i]![j]! += step
                return meanLoss(copy, 8, margin)
              }
              const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5
              expect(Math.abs(value - numeric)).toBeLessThan(1e-5 * Math.max(1, Math.abs(numeric)))
            })
          })
      }),
      { numRuns: 30 },
    )
  })

  it('straight-through: the same value, the gradient of a constant margin', () => {
    const given = {
      embeddings: [[0.3, -0.8, 0.5, 0.1]],
      weight: [
        [0.5, 0.1, 0.7, -0.3],
        [-0.2, -0.6, 0.4, 0.8],
      ],
      labels: [0],
    }
    const truth = run(given, { scale: 4, margin: 0.5, gradient: 'true' }, 'float64')
    const straight = run(given, { scale: 4, margin: 0.5, gradient: 'straight-through' }, 'float64')
    expect(straight.logits).toEqual(truth.logits)

    // loss(x) with the change that the margin made held fixed, differentiated numerically.
    const [x] = given.embeddings as [number[]]
    const change = cosines(x, given.weight, 0, 0.5)[0]! - cosines(x, given.weight, 0, 0)[0]!
    const loss = (point: number[]) => {
      const [t, other] = cosines(point, given.weight, 0, 0) as [number, number]
      return Math.log(1 + Math.exp(4 * (other - t - change)))
    }
    const numeric = x.map((_, j) => {
      const moved = (step: number) => loss(x.map((value, k) => (k === j ? value + step : value)))
      return (moved(1e-5) - moved(-1e-5)) / 2e-5
    })
    close(straight.embeddingGradient[0]!, numeric, 1e-7)
    expect(length(truth.embeddingGradient[0]!)).not.toBeCloseTo(length(numeric), 3)
  })

  it('the target logit falls as theta grows, beyond pi - m too', () => {
    const angles = Array.from({ length: 181 }, (_, i) => (i * Math.PI) / 180)
    const given = {
      embeddings: angles.map((angle) => [Math.cos(angle), Math.sin(angle)]),
      weight: [[1, 0]],
      labels: angles.map(() => 0),
    }
    const { logits } = run(given, { scale: 64, margin: 0.5, gradient: 'true' })
    for (let i = 1; i < logits.length; i++) expect(logits[i]![0]).toBeLessThan(logits[i - 1]![0]!)
  })

  it('is finite for every finite float32 input, value and gradient', () => {
    const awkward = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 1, -1, 2 ** -149, 3.4e38, -3.4e38, 1e-20, 1e20, 1 + 2 ** -23),
    )
    const value = (factor: number, w: number) =>
      Math.min(Math.max(Math.fround(factor * w), -3.4e38), 3.4e38)
    const finite = (
      embeddings: 'any' | 'on their centres',
      { labels, weight, ...given }: Inputs,
      factor: number,
      gradient: ArcFaceOptions['gradient'],
      margin: number,
    ) => {
      const x =
        embeddings === 'any'
          ? given.embeddings
          : labels.map((label) => weight[label]!.map((w) => value(factor, w)))
      const found = run({ embeddings: x, weight, labels }, { scale: 64, margin, gradient })
      expect((Object.values(found).flat(3) as number[]).every(Number.isFinite)).toBe(true)
    }
    const mixed = fc
      .tuple(inputs(3, awkward), inputs(3, healthy))
      .map(([{ embeddings }, { weight, labels }]) => ({ embeddings, weight, labels }))
    fc.assert(
      fc.property(
        fc.constantFrom('any', 'on their centres'),
        fc.oneof(inputs(3, awkward), inputs(3, healthy), mixed),
        fc.constantFrom(1, -1, 1 + 2 ** -12, 3, -7, 1e-30, 1e30),
        fc.constantFrom('true', 'straight-through'),
        fc.constantFrom(0, 0.5, 3),
        finite,
      ),
      { numRuns: 1000 },
    )
  })

  it('an embedding on its centre has a bounded pull', () => {
    for (const factor of [1, 1 + 2 ** -20, 3, 1e-5]) {
      const weight = [
        [0.3, -0.5, 0.7, 0.2],
        [0.9, 0.1, -0.4, 0.3],
      ].map((w) => w.map(Math.fround))
      const embeddings = [weight[0]!.map((w) => Math.fround(w * factor))]
      const given = { embeddings, weight, labels: [0] }
      const { embeddingGradient } = run(given, { scale: 64, margin: 0.5, gradient: 'true' })
      // s |d cos(theta + m)/d theta| is at most s, and so is the pull of the other centre.
      expect(length(embeddingGradient[0]!) * length(embeddings[0]!)).toBeLessThan(2 * 64)
    }
  })
})
