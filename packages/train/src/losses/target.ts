import { ops, type Tensor } from '@arcface/libtorch'

/** The cosine of each row's own class, [N, 1]. */
export const targetOf = (cosine: Tensor, labels: Tensor): Tensor =>
  ops.gather(cosine, 1, ops.unsqueeze(labels, 1))

/** Adds `change` [N, 1] to the cosine of each row's own class. */
export const addToTarget = (cosine: Tensor, labels: Tensor, change: Tensor): Tensor =>
  ops.scatterAdd(cosine, 1, ops.unsqueeze(labels, 1), change)
