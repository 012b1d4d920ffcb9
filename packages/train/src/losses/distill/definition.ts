import type { Tensor } from '@arcface/libtorch'
import { directions } from '../cosines.js'

/** How far a student's embeddings are from those of its teacher. */
export interface DistillLoss {
  name: string
  /** Whether an embedding of the student has to be as long as one of the teacher. */
  sameLength: boolean
  /**
   * The mean over the batch, without the weight. `student` [N, D] is the network's raw output, `teacher` [N, T], without
   * gradient, that of the teacher for the same images. Value and gradient are finite for every finite float32 embedding.
   */
  compare(student: Tensor, teacher: Tensor): Tensor
}

/** Both at unit length, in float32 (float64 where the student's are): lengths are no part of what is taught. */
export function unitRows(student: Tensor, teacher: Tensor): [student: Tensor, teacher: Tensor] {
  const dtype = student.dtype === 'float64' ? 'float64' : 'float32'
  return [directions(student, dtype), directions(teacher, dtype)]
}
