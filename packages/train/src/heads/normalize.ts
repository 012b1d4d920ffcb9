import { noGrad, ops, type Tensor } from '@arcface/libtorch'

/** Rows whose largest value is below this are scaled by it instead: they keep less than unit length. */
const TINY = 1e-12

/**
 * The rows of [N, D] divided by their lengths, for every finite float32 input: neither squares that overflow nor
 * those that vanish make it NaN or infinite, in value or gradient. A row of zeros stays zero.
 */
export function normalizeRows(x: Tensor): Tensor {
  // A constant factor does not change the direction, so the gradient need not know of it.
  const size = noGrad(() => ops.clamp(ops.linalgVectorNorm(x, Infinity, 1, true), TINY))
  const scaled = ops.div(x, size)
  // At least 1 but for rows below TINY; the bound keeps those finite.
  const length = ops.clamp(ops.linalgVectorNorm(scaled, 2, 1, true), 0.5)
  return ops.div(scaled, length)
}
