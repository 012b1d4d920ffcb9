import { ops } from '@arcface/libtorch'
import { type DistillLoss, unitRows } from './definition.js'

/**
 * The mean of (cos(s_i, s_j) - cos(t_i, t_j))^2 over all pairs i != j of the batch: the student learns how alike the
 * teacher finds two images, not where it puts them, so that embeddings of another length can be taught. The relational
 * distillation of RKD (Park et al. 2019, arXiv 1904.05068, equation 2) with the potential cos in place of its distance:
 * it is what verification compares, and needs no scale of the batch.
 *
 * A batch of N images has N (N - 1) of them; several ranks compare each within its own batch. One image alone has none: 0.
 */
export const relational: DistillLoss = {
  name: 'relational',
  sameLength: false,
  compare(student, teacher) {
    const [s, t] = unitRows(student, teacher)
    const count = s.shape[0]!
    const away = ops.sub(ops.linear(s, s), ops.linear(t, t))
    const others = ops.add(ops.neg(ops.eye(count, s.dtype, null, s.device)), 1)
    const square = ops.mul(ops.mul(away, away), others)
    return ops.div(ops.sum(square), Math.max(1, count * (count - 1)))
  },
}
