import { ops } from '@arcface/libtorch'
import { directions, exactOf } from '../cosines.js'
import type { DistillLoss } from './definition.js'

/** Values beyond are cut, so that float32 holds sums of squares. */
const LARGEST = 1e16

/**
 * The mean over images and values of (s - sqrt(D) t / |t|)^2, of raw embeddings s of D values: the teacher's directions at
 * the length that BatchNorm gives an embedding, at which its values have variance 1. Where the student ends in one, as
 * the networks here do, it learns by it in fewer steps than by `cosine`; a network that has a length of its own already would
 * be drawn away from it.
 */
export const mse: DistillLoss = {
  name: 'mse',
  sameLength: true,
  compare(student, teacher) {
    const dtype = exactOf(student)
    const s = ops.clamp(ops.toDtype(student, dtype), -LARGEST, LARGEST)
    const t = ops.mul(directions(teacher, dtype), Math.sqrt(s.shape[1]!))
    const away = ops.sub(s, t)
    return ops.mean(ops.mul(away, away))
  },
}
