// What tests share: numbers of their own, plain float64 views of tensors, numeric gradients, codes of errors.
import { noGrad } from './autograd.js'
import type { DType } from './dtype.js'
import { TorchError } from './errors.js'
import { toDtype } from './generated/ops.js'
import { getNumThreads, setNumThreads } from './runtime.js'
import { scope, type Tensor, tensor } from './tensor.js'

/** `count` numbers in -1..1, none nearer to 0 than 0.01, the same for the same seed. */
export function numbers(count: number, seed = 1): number[] {
  let state = seed * 2654435761 + 12345
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const value = state / 2 ** 31 - 1
    return value < 0 ? Math.min(value, -0.01) : Math.max(value, 0.01)
  })
}

export const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** A tensor of `numbers`. */
export const sample = (shape: readonly number[], seed = 1, dtype: DType = 'float32'): Tensor =>
  tensor(numbers(product(shape), seed), shape, { dtype })

/** The values of a floating or integer tensor, row-major. */
export const values = (of: Tensor): number[] =>
  scope(() => Array.from(toDtype(of, 'float64').toTypedArray() as Float64Array))

/** The tensor, of which gradients are wanted. */
export const leaf = (of: Tensor): Tensor => {
  of.requiresGrad = true
  return of
}

/** What `run` gives at each of these numbers of threads. */
export function atThreads<T>(counts: readonly number[], run: () => T): T[] {
  const before = getNumThreads()
  try {
    return counts.map((count) => {
      setNumThreads(count)
      return run()
    })
  } finally {
    setNumThreads(before)
  }
}

/** The nearest bfloat16, ties to even: its bits are the upper half of a float32's. */
export function bfloat16(value: number): number {
  const bits = new Uint32Array(new Float32Array([value]).buffer)
  bits[0] = ((bits[0]! + 0x7fff + ((bits[0]! >>> 16) & 1)) >>> 16) << 16
  return new Float32Array(bits.buffer)[0]!
}

/** The largest difference, beside the largest value wanted. */
export function relativeError(got: readonly number[], wanted: readonly number[]): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY
  let worst = 0
  let largest = 1e-30
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - wanted[i]!)
    if (Number.isNaN(difference)) return Number.NaN
    worst = Math.max(worst, difference)
    largest = Math.max(largest, Math.abs(wanted[i]!))
  }
  return worst / largest
}

/** Central differences of `f` at `at`, which are changed one by one (float64, contiguous). */
export function numericGradient(f: () => Tensor, at: Tensor, step = 1e-6): number[] {
  const place = at.asTypedArray() as Float64Array
  const evaluate = () => noGrad(() => scope(() => f().item()))
  return Array.from(place, (value, i) => {
    place[i] = value + step
    const above = evaluate()
    place[i] = value - step
    const below = evaluate()
    place[i] = value
    return (above - below) / (2 * step)
  })
}

/** The code of the error that `body` throws. */
export function codeOf(body: () => unknown): string {
  try {
    body()
  } catch (error) {
    return error instanceof TorchError ? error.code : String(error)
  }
  return 'no error'
}
