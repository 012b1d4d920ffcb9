import { type Handle, keep, ops, scope, type Tensor, tensor, trace } from '@arcface/libtorch'
import { borrow } from '../export/call.js'
import { directions, exactOf } from '../losses/cosines.js'
import type { Loss } from '../losses/index.js'

/** What the embeddings of pixels are to become: raw embeddings [N, dim] to a number that falls as they come near. */
export type Aim = (embeddings: Tensor) => Tensor

/**
 * Open set: 1 - cosine to given templates, the mean over images. On normalised templates the squared distance is twice
 * this.
 * @param templates n x known, row-major, of any length but zero
 * @param known values of an embedding that are known, the first ones
 */
export const embeddingAim = (templates: Float32Array, known: number): Aim => {
  const count = templates.length / known
  return (embeddings) =>
    scope(() => {
      const dtype = exactOf(embeddings)
      const wanted = directions(
        ops.to(tensor(templates, [count, known]), embeddings.device, dtype),
        dtype,
      )
      const made = directions(ops.narrow(embeddings, 1, 0, known), dtype)
      return ops.add(ops.mul(ops.sum(ops.mul(made, wanted)), -1 / count), 1)
    })
}

/** Closed set: the loss that a network was trained with, of the classes that the images are to show. */
export const classAim = (head: Loss, labels: readonly number[]): Aim => {
  const wanted = BigInt64Array.from(labels, BigInt)
  return (embeddings) =>
    scope(() => head.call(embeddings, ops.to(tensor(wanted), embeddings.device, 'int64')))
}

/** Squared differences of neighbouring pixels, across and down: the mean over all of them. x is [N, C, H, W]. */
export const totalVariation = (x: Tensor): Tensor =>
  scope(() => {
    const along = (dim: number) => {
      const side = x.shape[dim]! - 1
      const step = ops.sub(ops.narrow(x, dim, 1, side), ops.narrow(x, dim, 0, side))
      return ops.mean(ops.mul(step, step))
    }
    return ops.add(along(2), along(3))
  })

/** The mean of the squares: how far an image is from grey. */
export const squaredLength = (x: Tensor): Tensor => scope(() => ops.mean(ops.mul(x, x)))

/** What a network makes, and how far its features are from those that it was trained on. */
export interface Observed {
  readonly output: Tensor
  /**
   * Mean over layers of ||mean - running mean|| / ||running deviation|| + ||variance - running variance|| / ||running
   * variance||; null without such a layer.
   */
  readonly distance: Tensor | null
}

const LAYER = 'arcface::batch_norm'

/**
 * Runs a network in eval mode and compares the statistics that the batch has before each BatchNorm over maps with those
 * that the layer keeps (DeepInversion, arXiv 1912.08795, equation 4, with biased variances), each beside the spread that the
 * layer keeps, so that one weight suits layers and networks of any scale. Networks of ours and imported ones dispatch the
 * same operator. Layers over [N, C], where a batch is too few values for a variance, are left out.
 */
export function observed(body: () => Tensor): Observed {
  const layers: Tensor[] = []
  const output = trace((name, [x, , , mean, variance]) => {
    if (name !== LAYER) return
    const features = borrow(x as Handle)
    if (features.shape.length === 4)
      layers.push(keep(distanceOf(features, borrow(mean as Handle), borrow(variance as Handle))))
  }, body)
  if (layers.length === 0) return { output, distance: null }
  const distance = scope(() => ops.mean(ops.stack(layers)))
  for (const one of layers) one.dispose()
  return { output, distance }
}

function distanceOf(x: Tensor, mean: Tensor, variance: Tensor): Tensor {
  return scope(() => {
    const all = [0, 2, 3]
    const centred = ops.sub(x, ops.meanDim(x, all, true))
    const found = [ops.meanDim(x, all), ops.meanDim(ops.mul(centred, centred), all)] as const
    const off = (one: Tensor, kept: Tensor) => ops.linalgVectorNorm(ops.sub(one, kept))
    const spread = ops.linalgVectorNorm(ops.sqrt(variance))
    return ops.add(
      ops.div(off(found[0], mean), spread),
      ops.div(off(found[1], variance), ops.linalgVectorNorm(variance)),
    )
  })
}
