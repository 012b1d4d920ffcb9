import { noGrad, ops, type Tensor } from '@arcface/libtorch'
import { LEAST_SINE } from './margin.js'

/**
 * The angles of cosines, in radians. The derivative, -1 / sin(theta), is laid down by hand: it is bounded where the
 * angle is 0 or pi, and cosines that rounding took beyond 1 count as 1.
 */
export function arccos(cosine: Tensor): Tensor {
  const [angle, slope] = noGrad(() => {
    const inside = ops.clamp(cosine.detach(), -1, 1)
    const sine = ops.sqrt(ops.neg(ops.mul(ops.sub(inside, 1), ops.add(inside, 1))))
    return [ops.acos(inside), ops.neg(ops.pow(ops.clamp(sine, LEAST_SINE), -1))] as const
  })
  return ops.add(angle, ops.mul(ops.sub(cosine, cosine.detach()), slope))
}
