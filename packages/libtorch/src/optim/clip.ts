import { noGrad } from '../autograd.js'
import { foreachMulScalar_, foreachNorm, linalgVectorNorm, stack } from '../generated/ops.js'
import { scope, type Tensor } from '../tensor.js'

/**
 * Scales all gradients so that their joint L2 norm is at most `max` (as PyTorch's `clip_grad_norm_`).
 * @returns the norm before; not finite means that the gradients were left alone
 */
export function clipGradNorm(params: Iterable<Tensor>, max: number): number {
  return noGrad(() =>
    scope(() => {
      const grads = [...params].flatMap((param) => param.grad ?? [])
      if (grads.length === 0) return 0
      const norm = linalgVectorNorm(stack(foreachNorm(grads, 2))).item()
      if (Number.isFinite(norm) && norm > max) foreachMulScalar_(grads, max / (norm + 1e-6))
      return norm
    }),
  )
}
