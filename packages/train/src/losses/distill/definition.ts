import type { Tensor } from '@arcface/libtorch'
import { directions, exactOf } from '../cosines.js'

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

/** Both at unit length: lengths are no part of what is taught. */
export const unitRows = (student: Tensor, teacher: Tensor): [student: Tensor, teacher: Tensor] => [
  directions(student, exactOf(student)),
  directions(teacher, exactOf(student)),
]
