import { type MarginGradient, type Margins, turningAngle } from '@arcface/evaluate'
import { noGrad, ops, type Tensor } from '@arcface/libtorch'

/**
 * Smallest sin(theta) that the derivative is divided by: what one step of float32 below cos = 1 gives. Nearer to
 * the centre theta is not known.
 */
export const LEAST_SINE = Math.sqrt(2 ** -23)

/** What the margins add to the target's cosine [N, 1]. The derivative is laid down by hand. */
export function marginChange(target: Tensor, margins: Margins, gradient: MarginGradient): Tensor {
  const [change, slope] = changeAndSlope(target, margins, gradient)
  if (gradient === 'straight-through') return change
  return ops.add(change, ops.mul(ops.sub(target, target.detach()), slope))
}

/** The change and the derivative by cos(theta) that goes with it, both without a graph. */
export function changeAndSlope(
  target: Tensor,
  margins: Margins,
  gradient: MarginGradient,
): readonly [Tensor, Tensor] {
  return noGrad(() => {
    const [change, slope] = trueChangeAndSlope(target, margins)
    return [change, gradient === 'true' ? slope : zero(slope)]
  })
}

/** The derivative is m1 sin(m1 theta + m2) / sin(theta) - 1. */
function trueChangeAndSlope(target: Tensor, margins: Margins): readonly [Tensor, Tensor] {
  const { m1, m2, m3 } = margins
  const cosine = ops.clamp(target.detach(), -1, 1)
  if (m1 === 1 && m2 === 0) return [ops.sub(zero(cosine), m3), zero(cosine)]
  const sine = ops.sqrt(ops.neg(ops.mul(ops.sub(cosine, 1), ops.add(cosine, 1))))
  const turn = turningAngle(margins)
  // Where the turning angle is no angle, no cosine is beyond it.
  const last = turn < Math.PI ? Math.cos(turn) : Number.NEGATIVE_INFINITY
  const inside = ops.gt(cosine, last)
  // sin and cos of m1 theta: exact where m1 is 1, so that small angles keep their digits.
  const angle = m1 === 1 ? null : ops.mul(ops.acos(cosine), m1)
  const [cos1, sin1] = angle ? [ops.cos(angle), ops.sin(angle)] : [cosine, sine]
  const shifted = ops.sub(ops.mul(cos1, Math.cos(m2)), ops.mul(sin1, Math.sin(m2)))
  // Beyond m1 theta + m2 = pi: InsightFace's line where m1 is 1, else the line that goes on from -1.
  const drop = m1 === 1 ? m2 * Math.sin(Math.PI - m2) : 1 + last
  const value = ops.where(inside, shifted, ops.sub(cosine, drop))
  const sine12 = ops.add(ops.mul(sin1, Math.cos(m2)), ops.mul(cos1, Math.sin(m2)))
  const slope = ops.sub(ops.mul(ops.div(sine12, ops.clamp(sine, LEAST_SINE)), m1), 1)
  return [ops.sub(ops.sub(value, cosine), m3), ops.where(inside, slope, zero(cosine))]
}

/**
 * What an additive angle `margin` [N, 1], one a sample, adds to the target's cosine [N, 1]; beyond theta + margin = pi as
 * `UnifiedMargin`. The derivatives by cosine and by margin are laid down by hand.
 */
export function angularChange(target: Tensor, margin: Tensor): Tensor {
  const [change, byCosine, byMargin] = noGrad(() => {
    const cosine = ops.clamp(target.detach(), -1, 1)
    const m = margin.detach()
    const sine = ops.sqrt(ops.neg(ops.mul(ops.sub(cosine, 1), ops.add(cosine, 1))))
    const [cosM, sinM] = [ops.cos(m), ops.sin(m)]
    const inside = ops.gt(cosine, ops.neg(cosM))
    const shifted = ops.sub(ops.mul(cosine, cosM), ops.mul(sine, sinM))
    const sineShifted = ops.add(ops.mul(sine, cosM), ops.mul(cosine, sinM))
    const drop = ops.mul(m, sinM)
    return [
      ops.sub(ops.where(inside, shifted, ops.sub(cosine, drop)), cosine),
      ops.where(
        inside,
        ops.sub(ops.div(sineShifted, ops.clamp(sine, LEAST_SINE)), 1),
        zero(cosine),
      ),
      ops.neg(ops.where(inside, sineShifted, ops.add(sinM, ops.mul(m, cosM)))),
    ] as const
  })
  const along = (value: Tensor, slope: Tensor) => ops.mul(ops.sub(value, value.detach()), slope)
  return ops.add(change, ops.add(along(target, byCosine), along(margin, byMargin)))
}

const zero = (like: Tensor): Tensor => ops.zerosLike(like)
