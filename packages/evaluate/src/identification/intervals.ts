import type { BootstrapOptions, Interval } from '../bootstrap/bootstrap.js'
import { type PairIntervals, pairIntervals, rankIntervals } from '../bootstrap/intervals.js'
import { EvaluateError } from '../errors.js'
import { countPeople, numberNames } from '../verification/identities.js'
import { mateRanks } from './figures.js'
import { openSetSearches } from './open-set.js'
import type { SearchResult } from './search.js'

/**
 * Intervals of the CMC, one for each rank from 1, by bootstrap over the people looked for; the gallery
 * stays as it is.
 * @param probeOf person of each probe: any numbers
 * @throws EvaluateError EVALUATE_OPTION, EVALUATE_IDENTITY
 */
export function cmcIntervals(
  result: SearchResult,
  probeOf: Int32Array,
  options: BootstrapOptions = {},
): Interval[] {
  checkPeople(result, probeOf)
  return rankIntervals(mateRanks(result), probeOf, result.keep, options)
}

/**
 * Intervals of the TPIR (rank 1) and of its threshold at each FPIR, by bootstrap over the people looked for; the gallery
 * stays as it is.
 * @throws EvaluateError EVALUATE_OPTION; EVALUATE_IDENTITY, also where all probes have a mate or none has
 */
export function openSetIntervals(
  result: SearchResult,
  probeOf: Int32Array,
  { fars, ...options }: BootstrapOptions & { readonly fars: readonly number[] },
): PairIntervals {
  checkPeople(result, probeOf)
  const searches = openSetSearches(result)
  const first = numberNames([...probeOf].map(String))
  const second = new Int32Array(first.length).fill(-1)
  const sample = { ...searches, first, second, identities: countPeople(first) }
  return pairIntervals(sample, { fars, ...options })
}

function checkPeople({ probes }: SearchResult, probeOf: Int32Array): void {
  if (probeOf.length === probes) return
  throw new EvaluateError(
    'EVALUATE_IDENTITY',
    `${probeOf.length} people are named for ${probes} probes; one each is needed`,
  )
}
