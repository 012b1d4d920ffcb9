import { ops } from '@arcface/libtorch'
import { type DistillLoss, unitRows } from './definition.js'

/**
 * The mean of |s - t|^2 over the images, of embeddings at unit length (as PocketNet, arXiv 2108.10710, but the sum over
 * an embedding's values in place of their mean, so that the loss does not hang on their number). As |s - t|^2 = 2 (1 - cos(s, t))
 * it is twice `cosine`, and so is its gradient: choose it to compare with what was published so.
 */
export const mse: DistillLoss = {
  name: 'mse',
  sameLength: true,
  compare(student, teacher) {
    const away = ops.sub(...unitRows(student, teacher))
    return ops.mean(ops.sumDim(ops.mul(away, away), [1]))
  },
}
