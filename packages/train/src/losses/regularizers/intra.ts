import { ops, type Tensor } from '@arcface/libtorch'
import { arccos } from '../arccos.js'
import { directions } from '../cosines.js'
import { CentreRegularizer } from './centres.js'
import { defineRegularizer, weight } from './definition.js'

/**
 * Intra-Loss (ArcFace, arXiv 1801.07698, equation 5): the mean of theta_y / pi, the angle between an embedding and the
 * centre of its class; of several centres a class, the nearest. It draws the images of a person together, but also
 * people: the paper adds it to Norm-Softmax, with weight 1, as a comparison.
 */
export class Intra extends CentreRegularizer {
  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const { perClass } = this
    const own = this.centresOf(labels)
    const centres = ops.reshape(directions(own, own.dtype), [labels.size, perClass, -1])
    const x = ops.unsqueeze(directions(embeddings, own.dtype), 1)
    const [cosine] = ops.maxDim(ops.sumDim(ops.mul(x, centres), 2), 1)
    return ops.div(ops.mean(arccos(cosine)), Math.PI)
  }
}

export const intra = defineRegularizer(
  'intra',
  { weight: weight.default(1) },
  (loss, shape, options) => new Intra('intra', loss, shape, options.weight),
)
