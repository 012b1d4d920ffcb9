import { noGrad } from '../autograd.js'
import { foreachMulScalar_, gradientNorm } from '../generated/ops.js'
import { scope, type Tensor } from '../tensor.js'

const gradients = (params: Iterable<Tensor>): Tensor[] =>
  [...params].flatMap((param) => param.grad ?? [])

/** The joint L2 norm of all gradients, float64 [], where the gradients are; else as `gradNorm`. */
export const gradNormOf = (params: Iterable<Tensor>): Tensor =>
  noGrad(() => scope(() => gradientNorm(gradients(params))))

/** The joint L2 norm of all gradients, 0 without any; not finite where one of them is not. Sums are float64. */
export const gradNorm = (params: Iterable<Tensor>): number => scope(() => gradNormOf(params).item())

/** What gradients of that joint norm are to be multiplied with so that it is at most `max`; 1 if it is not finite. */
export const clipScale = (norm: number, max: number): number =>
  Number.isFinite(norm) && norm > max ? max / (norm + 1e-6) : 1

/**
 * Scales all gradients so that their joint L2 norm is at most `max` (as PyTorch's `clip_grad_norm_`). `SGD.step` can
 * do it on its way.
 * @returns the norm before; not finite means that the gradients were left alone
 */
export function clipGradNorm(params: Iterable<Tensor>, max: number): number {
  const all = [...params]
  const norm = gradNorm(all)
  const scale = clipScale(norm, max)
  if (scale !== 1) noGrad(() => scope(() => foreachMulScalar_(gradients(all), scale)))
  return norm
}
