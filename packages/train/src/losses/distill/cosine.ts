import { ops, type Tensor } from '@arcface/libtorch'
import { type DistillLoss, unitRows } from './definition.js'

/**
 * The mean of 1 - cos(s, t) over the images: the student learns the direction that the teacher gives each image, which
 * is what similarities are computed of. Values from 0 to 2. The default: it needs neither labels nor many images of a
 * person, and its scale hangs on neither network. (ShrinkTeaNet, arXiv 1905.10620, takes its square.)
 */
export const cosine: DistillLoss = {
  name: 'cosine',
  sameLength: true,
  compare: (student, teacher) => ops.add(ops.neg(ops.mean(rowCosines(student, teacher))), 1),
}

/** Cosine of each student's row with the teacher's, [N]. */
export function rowCosines(student: Tensor, teacher: Tensor): Tensor {
  const [s, t] = unitRows(student, teacher)
  return ops.sumDim(ops.mul(s, t), [1])
}
