import { type BootstrapOptions, bootstrap } from '../bootstrap/bootstrap.js'
import type { WeighedSample } from '../bootstrap/sample.js'
import { WeightedPairs } from '../bootstrap/weighted.js'
import { EvaluateError } from '../errors.js'
import type { DrawnRate } from './rates.js'

/** By how much the errors of two models differ, first - second. */
export interface RatesDifference {
  readonly far: DrawnRate
  readonly frr: DrawnRate
}

/**
 * How much two models differ on the same pairs, each at its threshold: with intervals over draws in which both have the same
 * people, so that what both find hard does not count.
 * @throws EvaluateError EVALUATE_PAIRS where the pairs are not the same ones, EVALUATE_IDENTITY, EVALUATE_OPTION
 */
export function ratesDifference(
  a: WeighedSample,
  b: WeighedSample,
  thresholds: readonly [number, number],
  options: BootstrapOptions = {},
): RatesDifference {
  const isSame = (key: 'same' | 'first' | 'second') =>
    a[key].length === b[key].length && a[key].every((one, p) => one === b[key][p])
  if (!(['same', 'first', 'second'] as const).every(isSame))
    throw new EvaluateError('EVALUATE_PAIRS', 'two models are compared on the same pairs only')
  const both = [new WeightedPairs(a), new WeightedPairs(b)] as const
  const differences = () => {
    const [x, y] = both.map((pairs, i) => pairs.at(thresholds[i]!))
    // Of accepted genuine pairs the other way round.
    return [x!.far - y!.far, y!.tar - x!.tar]
  }
  const [far, frr] = differences()
  const [farInterval, frrInterval] = bootstrap(
    a.identities,
    (draws) => {
      for (const pairs of both) pairs.draw(draws)
      return differences()
    },
    options,
  )
  return {
    far: { value: far!, interval: farInterval! },
    frr: { value: frr!, interval: frrInterval! },
  }
}
