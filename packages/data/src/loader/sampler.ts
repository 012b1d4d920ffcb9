import { Random } from '@arcface/vision'
import { DataError } from '../errors.js'
import type { Sample } from '../folders/sample.js'
import { atLeast } from '../options.js'

/**
 * P x K batches: `images` images of each of `people` people (arXiv 1703.07737, section 2). Every person is drawn
 * equally often, however many images there are of them.
 */
export interface SamplerOptions {
  people: number
  images: number
}

/** @throws DataError DATA_OPTION where the data or the batch do not hold so many */
export function checkSampler(
  { people, images }: SamplerOptions,
  samples: readonly Sample[],
  batchSize: number,
): void {
  atLeast('sampler.people', people, 1)
  atLeast('sampler.images', images, 1)
  const size = people * images
  if (batchSize !== size)
    throw new DataError(
      'DATA_OPTION',
      `The sampler puts ${people} x ${images} = ${size} images into a batch, but batchSize is ${batchSize}. Set batchSize to ${size}.`,
    )
  const classes = new Set(samples.map(({ label }) => label)).size
  if (people > classes || size > samples.length)
    throw new DataError(
      'DATA_OPTION',
      `The sampler wants batches of ${people} people with ${images} images each, but the data hold ` +
        `${samples.length} images of ${classes} people. Lower sampler.people or sampler.images, or add data.`,
    )
}

/** Decides which images an epoch shows, and in which order. */
export class PeopleSampler {
  readonly #options: SamplerOptions
  readonly #labels: Int32Array
  /** Samples of each person, in the order of the data. */
  readonly #samples = new Map<number, number[]>()

  /** @param labels of all samples; the options must fit them: see `checkSampler` */
  constructor(labels: Int32Array, options: SamplerOptions) {
    this.#options = options
    this.#labels = labels
    for (const [index, label] of labels.entries()) {
      const own = this.#samples.get(label)
      if (own) own.push(index)
      else this.#samples.set(label, [index])
    }
  }

  /**
   * Samples of `steps` batches, one after the other, person by person; a function of its arguments and the data.
   * People come in rounds in which each is drawn once; a person's images come round in the same way, so that
   * none is repeated while others wait.
   */
  order(seed: number, epoch: number, steps: number): Uint32Array {
    const { people, images } = this.#options
    const random = new Random(seed, epoch)
    const cycles = [...this.#samples.values()].map((own) => ({
      own: Array.from(random.permutation(own.length), (i) => own[i]!),
      next: 0,
    }))
    const order = new Uint32Array(steps * people * images)
    let round: number[] = []
    let drawn = 0
    let at = 0
    for (let step = 0; step < steps; step++) {
      if (round.length - drawn < people) {
        // Those left over come first, and last in the new round, so that no batch holds a person twice.
        const late = round.slice(drawn)
        const fresh = [...random.permutation(cycles.length)].filter((i) => !late.includes(i))
        round = [...late, ...fresh, ...late]
        drawn = 0
      }
      for (let i = 0; i < people; i++) {
        const cycle = cycles[round[drawn++]!]!
        for (let k = 0; k < images; k++) order[at++] = cycle.own[cycle.next++ % cycle.own.length]!
      }
    }
    return order
  }

  /** The samples of the person whom `index` shows, beginning with it. */
  imagesFrom(index: number): number[] {
    const own = this.#samples.get(this.#labels[index]!)!
    const first = own.indexOf(index)
    return [...own.slice(first), ...own.slice(0, first)]
  }
}
