import { checkRate } from '../roc/scores.js'
import { type BootstrapOptions, bootstrap, type Interval } from './bootstrap.js'
import type { WeighedSample } from './sample.js'
import { WeightedPairs } from './weighted.js'

export interface PairIntervalOptions extends BootstrapOptions {
  /** FARs at which TAR and threshold are wanted. Default 1e-1, 1e-2, 1e-3. */
  readonly fars?: readonly number[]
  /** Folds of the accuracy; left out, none is given. */
  readonly folds?: number
}

/** Intervals of the figures of scored pairs. */
export interface PairIntervals {
  /** Of the folded accuracy, where folds were given. */
  readonly accuracy: Interval | undefined
  readonly auc: Interval
  /** Of strict TAR and of its threshold, in the order of the FARs asked for. */
  readonly atFar: readonly {
    readonly far: number
    readonly tar: Interval
    readonly threshold: Interval
  }[]
  /** How many people there are. */
  readonly identities: number
}

/**
 * Intervals of accuracy, AUC and TAR at FAR by bootstrap over identities.
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_PAIRS, EVALUATE_FOLDS, EVALUATE_IDENTITY
 */
export function pairIntervals(
  sample: WeighedSample,
  { fars = [1e-1, 1e-2, 1e-3], folds, ...options }: PairIntervalOptions = {},
): PairIntervals {
  for (const far of fars) checkRate(far, 'FAR')
  const pairs = new WeightedPairs(sample)
  const intervals = bootstrap(
    sample.identities,
    (draws) => {
      pairs.draw(draws)
      const points = pairs.atFars(fars)
      return [
        folds === undefined ? 0 : pairs.accuracy(folds),
        pairs.auc(),
        ...points.map(({ tar }) => tar),
        ...points.map(({ threshold }) => threshold),
      ]
    },
    options,
  )
  return {
    accuracy: folds === undefined ? undefined : intervals[0]!,
    auc: intervals[1]!,
    atFar: fars.map((far, i) => ({
      far,
      tar: intervals[2 + i]!,
      threshold: intervals[2 + fars.length + i]!,
    })),
    identities: sample.identities,
  }
}

/**
 * Intervals of the share of searches at rank 1, 2, ... `most`, by bootstrap over people.
 * @param ranks rank found by each search, 0 where there was nobody to find
 * @param searched person of each search: any numbers
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_IDENTITY
 */
export function rankIntervals(
  ranks: Int32Array,
  searched: Int32Array,
  most: number,
  options: BootstrapOptions = {},
): Interval[] {
  // Of each person with a mate: how many searches, and how many of them at each rank or better.
  const people = new Map<number, Float64Array>()
  ranks.forEach((rank, search) => {
    if (rank === 0) return
    const person = searched[search]!
    const counts = people.get(person) ?? new Float64Array(most + 1)
    people.set(person, counts)
    counts[0]!++
    for (let k = rank; k <= most; k++) counts[k]!++
  })
  const counts = [...people.values()]
  return bootstrap(
    counts.length,
    (draws) => {
      const sums = new Array<number>(most + 1).fill(0)
      counts.forEach((of, person) => {
        for (let k = 0; k < sums.length; k++) sums[k]! += draws[person]! * of[k]!
      })
      return sums.slice(1).map((sum) => sum / sums[0]!)
    },
    options,
  )
}
