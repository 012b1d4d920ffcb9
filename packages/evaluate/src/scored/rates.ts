import {
  type BootstrapOptions,
  bootstrap,
  type Interval,
  whereEnoughPeople,
} from '../bootstrap/bootstrap.js'
import type { WeighedSample } from '../bootstrap/sample.js'
import { WeightedPairs } from '../bootstrap/weighted.js'

/** A figure, mostly a share of comparisons, and where it lies when other people are drawn. */
export interface DrawnRate {
  readonly value: number
  /** Null where people are too few, or labels contradict each other. */
  readonly interval: Interval | null
}

/** What a threshold gives. */
export interface ThresholdRates {
  /** Accepted where the cosine lies strictly above it. */
  readonly threshold: number
  /** False accept rate: share of the impostor pairs that are accepted. */
  readonly far: DrawnRate
  /** False reject rate: share of the genuine pairs that are refused. */
  readonly frr: DrawnRate
  /** How many of the given pairs that are, and of how many. */
  readonly falseAccepts: number
  readonly impostors: number
  readonly falseRejects: number
  readonly genuine: number
}

/**
 * FAR and FRR at a threshold, with intervals by bootstrap over people: where the threshold is that of `thresholdForFar`, its
 * `reachedFar` with the interval of that.
 * @param options null: without intervals
 * @throws EvaluateError EVALUATE_PAIRS where a kind of pair is missing, EVALUATE_OPTION
 */
export function ratesAt(
  sample: WeighedSample,
  threshold: number,
  options: BootstrapOptions | null = {},
): ThresholdRates {
  const pairs = new WeightedPairs(sample)
  const { far, tar } = pairs.at(threshold)
  const draw = (draws: Float64Array) => {
    pairs.draw(draws)
    const drawn = pairs.at(threshold)
    return [drawn.far, 1 - drawn.tar]
  }
  const intervals = options && whereEnoughPeople(() => bootstrap(sample.identities, draw, options))
  return {
    threshold,
    far: { value: far, interval: intervals?.[0] ?? null },
    frr: { value: 1 - tar, interval: intervals?.[1] ?? null },
    ...countErrors(sample, threshold),
  }
}

/** How many pairs of each kind a threshold decides wrongly. */
function countErrors(
  { similarities, same }: Pick<WeighedSample, 'similarities' | 'same'>,
  threshold: number,
): Pick<ThresholdRates, 'falseAccepts' | 'impostors' | 'falseRejects' | 'genuine'> {
  const all = [0, 0]
  const accepted = [0, 0]
  for (let p = 0; p < same.length; p++) {
    const kind = same[p] === 1 ? 1 : 0
    all[kind]!++
    if (similarities[p]! > threshold) accepted[kind]!++
  }
  return {
    falseAccepts: accepted[0]!,
    impostors: all[0]!,
    falseRejects: all[1]! - accepted[1]!,
    genuine: all[1]!,
  }
}
