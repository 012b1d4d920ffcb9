import { ops, type Tensor, tensor } from '@arcface/libtorch'
import { z } from 'zod'
import { arccos } from './arccos.js'
import { directions, exactOf } from './cosines.js'
import { defineLoss } from './definition.js'
import { Loss } from './loss.js'
import { type Mining, mineTriplets } from './triplet-mining.js'

export interface TripletOptions {
  distance: 'angular' | 'euclidean'
  mining: Mining
  /** In radians or of squared distance; null: the published one, 0.35 or 0.2. */
  margin: number | null
}

/**
 * Triplet loss: the mean of max(0, d(a, p) - d(a, n) + m) over triplets of the batch, where p is another image of
 * the anchor's person and n one of somebody else. Without centres it costs nothing a class, but it wants batches
 * with several images of a person (`data.sampler`). For people without number, and as the paper's baseline.
 *
 * `angular`, the default: d is the angle between two embeddings, m = 0.35 (ArcFace, arXiv 1801.07698, section 2.3:
 * arccos(x_p x) + m <= arccos(x_n x)). `euclidean`: the squared distance of normalised embeddings, 2 - 2 cos, m = 0.2
 * (FaceNet, arXiv 1503.03832, section 3.1).
 *
 * `semi-hard`, the default: for every pair (a, p) the nearest n that is farther than p (FaceNet, section 3.2), or the
 * farthest where none is; nearest negatives from the start may let all embeddings fall together. `hard`: for every a
 * the farthest p and the nearest n (arXiv 1703.07737, section 2). `all`: the mean over those triplets that break the
 * margin (there, too). A batch without triplets has loss 0 and gradient 0.
 */
export class Triplet extends Loss {
  readonly #angular: boolean
  readonly #mining: Mining
  readonly #margin: number

  constructor({ distance, mining, margin }: TripletOptions) {
    super()
    this.#angular = distance === 'angular'
    this.#mining = mining
    this.#margin = margin ?? (this.#angular ? 0.35 : 0.2)
  }

  override get centres(): null {
    return null
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const unit = directions(embeddings, exactOf(embeddings))
    const cosine = ops.linear(unit, unit)
    const distances = this.#angular ? arccos(cosine) : ops.add(ops.mul(cosine, -2), 2)
    const { pull, constant } = this.#choose(distances, labels)
    return ops.add(ops.sum(ops.mul(distances, pull)), constant)
  }

  /** With the triplets chosen the loss is linear: sum of pull x distances, [N, N], and a constant. */
  #choose(distances: Tensor, labels: Tensor): { pull: Tensor; constant: number } {
    const margin = this.now.marginShare * this.#margin
    const d = distances.detach().toTypedArray() as Float32Array | Float64Array
    const people = Array.from(labels.toTypedArray(), Number)
    const pull = new Float64Array(d.length)
    let chosen = 0
    let broken = 0
    mineTriplets(d, people, this.#mining, (positive, negative) => {
      chosen++
      if (!(d[positive]! - d[negative]! + margin > 0)) return
      broken++
      pull[positive]! += 1
      pull[negative]! -= 1
    })
    const count = Math.max(1, this.#mining === 'all' ? broken : chosen)
    const mean = tensor(
      pull.map((times) => times / count),
      [people.length, people.length],
    )
    return {
      pull: ops.to(mean, distances.device, distances.dtype),
      constant: (margin * broken) / count,
    }
  }
}

export const triplet = defineLoss(
  'triplet',
  {
    distance: z.enum(['angular', 'euclidean']).default('angular'),
    mining: z.enum(['semi-hard', 'hard', 'all']).default('semi-hard'),
    margin: z.number().positive().max(4).nullable().default(null),
  },
  (_, options) => new Triplet(options),
)
