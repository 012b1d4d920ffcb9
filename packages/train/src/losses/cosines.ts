import { type DType, noGrad, ops, type Tensor } from '@arcface/libtorch'

/**
 * Rows whose largest value is below this are scaled by it instead: they keep less than unit length. Its reciprocal
 * times a scale of some hundreds bounds the gradient, which float16 holds up to 65,504 only.
 */
const TINY = 1e-12
const TINY_HALF = 1e-2
/** Rows between 1 / ORDINARY and ORDINARY long have squares and products that float32 holds. */
const ORDINARY = 1e9

/**
 * Cosines of the angles between the rows of x [N, D] and those of w [C, D]: [N, C] in the dtype of w. Value and
 * gradient are finite for every finite float32 or 16-bit input; a row of zeros has cosine 0 with all.
 */
export function cosines(x: Tensor, w: Tensor): Tensor {
  const unit = directions(x, w.dtype)
  const lengths = ops.linalgVectorNorm(w, 2, 1, true)
  // Dividing the products saves most of the passes over w, which is by far the larger.
  return noGrad(() => isOrdinary(lengths))
    ? ops.div(ops.linear(unit, w), ops.t(lengths))
    : ops.linear(unit, normalizeRows(w, TINY))
}

/** The rows of x [N, D] at unit length, in `dtype`; a row of zeros stays zero. Safe as `cosines` is. */
export const directions = (x: Tensor, dtype: DType): Tensor =>
  normalizeRows(ops.toDtype(x, dtype), x.dtype === 'float16' ? TINY_HALF : TINY)

/** What embeddings are compared in: float32, or float64 where they are. */
export const exactOf = ({ dtype }: Tensor): DType => (dtype === 'float64' ? dtype : 'float32')

/** Elsewhere than on the CPU the answer would have to be waited for, and passes cost less. */
const isOrdinary = (lengths: Tensor): boolean =>
  lengths.device === 'cpu' &&
  ops.min(lengths).item() >= 1 / ORDINARY &&
  ops.max(lengths).item() <= ORDINARY

/** The rows divided by their lengths, with no square that overflows or vanishes. */
function normalizeRows(x: Tensor, tiny: number): Tensor {
  // A constant factor does not change the direction, so the gradient need not know of it.
  const size = noGrad(() => ops.clamp(ops.linalgVectorNorm(x, Infinity, 1, true), tiny))
  const scaled = ops.div(x, size)
  // At least 1 but for rows below `tiny`; the bound keeps those finite.
  const length = ops.clamp(ops.linalgVectorNorm(scaled, 2, 1, true), 0.5)
  return ops.div(scaled, length)
}

/** The lengths of the rows of x [N, D], [N, 1] in `dtype`: no square overflows on the way, a row of zeros has slope 0. */
export function lengthsOf(x: Tensor, dtype: DType): Tensor {
  const values = ops.toDtype(x, dtype)
  const size = noGrad(() => ops.clamp(ops.linalgVectorNorm(values, Infinity, 1, true), TINY))
  return ops.mul(ops.linalgVectorNorm(ops.div(values, size), 2, 1, true), size)
}
