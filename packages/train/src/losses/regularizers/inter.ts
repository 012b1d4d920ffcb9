import { ops, type Tensor } from '@arcface/libtorch'
import { arccos } from '../arccos.js'
import { cosines } from '../cosines.js'
import { CentreRegularizer } from './centres.js'
import { defineRegularizer, weight } from './definition.js'

/**
 * Inter-Loss (ArcFace, arXiv 1801.07698, equation 6): the mean of -1 / (pi (C - 1)) sum_{j != y} arccos(W_y W_j), which
 * moves the centre of every class of the batch away from all C - 1 others; of several centres a class, the nearest
 * two count. The paper adds it to Norm-Softmax, with weight 1, as a comparison. Without other classes it is 0.
 */
export class Inter extends CentreRegularizer {
  override forward(_: Tensor, labels: Tensor): Tensor {
    const { classes, perClass, centres } = this
    const each = cosines(this.centresOf(labels), centres)
    const angles = arccos(perClass === 1 ? each : nearest(each, classes, perClass))
    const others = ops.scatterValue(angles, 1, ops.unsqueeze(labels, 1), 0)
    return ops.div(ops.sum(others), -Math.PI * Math.max(1, classes - 1) * labels.size)
  }
}

/** Of the cosines of all centres of two classes the largest: [N x each, classes x each] to [N, classes]. */
function nearest(cosine: Tensor, classes: number, each: number): Tensor {
  const [columns] = ops.maxDim(ops.reshape(cosine, [-1, each, classes, each]), 3)
  return ops.maxDim(columns, 1)[0]
}

export const inter = defineRegularizer(
  'inter',
  { weight: weight.default(1) },
  (loss, shape, options) => new Inter('inter', loss, shape, options.weight),
)
