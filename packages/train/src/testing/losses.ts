import { autocast, type DType, noGrad, ops, scope, tensor } from '@arcface/libtorch'
import { Random } from '@arcface/vision'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Loss } from '../losses/index.js'

/** What a loss is computed of; `weight` are the centres, where it has some. */
export interface LossCase {
  embeddings: number[][]
  weight: number[][]
  labels: number[]
}

export interface LossResult {
  value: number
  embeddingGradient: number[][]
  /** Of the centres; empty where the loss has none or does not use them. */
  weightGradient: number[][]
}

export const rows = (values: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: values.length / width }, (_, i) =>
    Array.from({ length: width }, (_, j) => values[i * width + j]!),
  )

export const matrix = (values: readonly number[][]) =>
  tensor(Float64Array.from(values.flat()), [values.length, values[0]!.length])

/** Value and gradients of a loss, which it disposes of. */
export function runLoss(
  built: Loss,
  { embeddings, weight, labels }: LossCase,
  { dtype = 'float64', under = null }: { dtype?: DType; under?: DType | null } = {},
): LossResult {
  return scope(() => {
    const loss = built.to({ dtype })
    const { centres } = loss
    if (centres) {
      const each = centres.shape[0]! / weight.length // more than one where a class has sub-centres
      const all = weight.flatMap((row) => Array.from({ length: each }, () => row))
      noGrad(() => ops.copy_(centres, matrix(all)))
    }
    const x = ops.toDtype(matrix(embeddings), dtype).detach()
    x.requiresGrad = true
    const y = tensor(labels, [labels.length], { dtype: 'int64' })
    // What a network gives under autocast has 16 bits.
    const raw = under === null ? x : ops.toDtype(x, under)
    // libtorch 1.13 autocasts to bfloat16 only on a CPU; to a loss float16 shows in its input.
    const value = autocast(under === 'float16' ? null : under, () => loss.call(raw, y))
    value.backward()
    const gradient = (of: typeof x | null) =>
      of?.grad
        ? rows(ops.toDtype(of.grad, 'float64').toTypedArray() as Float64Array, of.shape[1]!)
        : []
    const result = {
      value: value.item(),
      embeddingGradient: gradient(x),
      weightGradient: gradient(centres),
    }
    loss.dispose()
    return result
  })
}

/** Holds gradients to central differences of an independent formula in float64. */
export function expectGradient(
  found: LossResult,
  given: LossCase,
  formula: (given: LossCase) => number,
  tolerance = 1e-5,
): void {
  for (const [name, gradient] of [
    ['embeddings', found.embeddingGradient],
    ['weight', found.weightGradient],
  ] as const)
    gradient.forEach((row, i) => {
      row.forEach((value, j) => {
        const moved = (step: number) => {
          const copy = structuredClone(given)
          copy[name][i]![j]! += step
          return formula(copy)
        }
        const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5
        expect(Math.abs(value - numeric)).toBeLessThan(tolerance * Math.max(1, Math.abs(numeric)))
      })
    })
}

export const length = (v: readonly number[]) => Math.hypot(...v)
export const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0)
export const cosineOf = (a: readonly number[], b: readonly number[]) =>
  dot(a, b) / (length(a) * length(b))
/** Cross-entropy of one row of logits, in float64. */
export function crossEntropy(logits: readonly number[], label: number): number {
  const top = Math.max(...logits)
  return top + Math.log(logits.reduce((sum, one) => sum + Math.exp(one - top), 0)) - logits[label]!
}
/** psi(theta) of L-Softmax and A-Softmax by its definition over intervals, given cos(theta). */
export function psiOf(cosine: number, m: number): number {
  const theta = Math.acos(Math.min(Math.max(cosine, -1), 1))
  const k = Math.min(Math.floor((m * theta) / Math.PI), m - 1)
  return (-1) ** k * Math.cos(m * theta) - 2 * k
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, one) => sum + one, 0) / values.length

/** `count` embeddings and `classes` centres of length 4 from one kind of number, and labels. */
export const lossCases = (
  value: fc.Arbitrary<number>,
  { count = 3, classes = 5 }: { count?: number; classes?: number } = {},
): fc.Arbitrary<LossCase> => {
  const height = (n: number) =>
    fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: n, maxLength: n })
  return fc.record({
    embeddings: height(count),
    weight: height(classes),
    labels: fc.array(fc.nat(classes - 1), { minLength: count, maxLength: count }),
  })
}

/** Vectors drawn from a normal distribution: no two are parallel or equally far, where formulas have kinks. */
export const scatteredCases = ({ count = 3, classes = 5 } = {}): fc.Arbitrary<LossCase> =>
  fc.nat().map((seed) => {
    const random = new Random(seed)
    const vectors = (n: number) =>
      Array.from({ length: n }, () => Array.from({ length: 4 }, () => random.normal()))
    return {
      embeddings: vectors(count),
      weight: vectors(classes),
      labels: Array.from({ length: count }, () => random.below(classes)),
    }
  })

/** Numbers of ordinary size, away from 0. */
export const ordinary = fc
  .double({ min: 0.1, max: 1, noNaN: true })
  .chain((x) => fc.constantFrom(x, -x))

const awkward = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, 2 ** -149, 3.4e38, -3.4e38, 1e-20, 1e20, 1 + 2 ** -23),
)

/**
 * Embeddings of any finite float32: random bits, zero, huge, tiny, and exactly on or opposite their own centre,
 * which gives cosines of 1 and -1.
 */
export const awkwardCases = ({ count = 3, classes = 5 } = {}): fc.Arbitrary<LossCase> => {
  const onCentres = fc
    .tuple(
      lossCases(ordinary, { count, classes }),
      fc.constantFrom(1, -1, 1 + 2 ** -12, 3, -7, 1e-30, 1e30),
    )
    .map(([given, factor]) => ({
      ...given,
      embeddings: given.labels.map((label) =>
        given.weight[label]!.map((w) => Math.fround(factor * w)),
      ),
    }))
  const mixed = fc
    .tuple(lossCases(awkward, { count, classes }), lossCases(ordinary, { count, classes }))
    .map(([{ embeddings }, { weight, labels }]) => ({ embeddings, weight, labels }))
  return fc.oneof(onCentres, mixed)
}

export const allFinite = ({ value, embeddingGradient, weightGradient }: LossResult): boolean =>
  [value, ...embeddingGradient.flat(), ...weightGradient.flat()].every(Number.isFinite)
