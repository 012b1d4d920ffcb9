import type { Impostors, Thresholds } from '@arcface/onnx'
import { EvaluateError } from '../errors.js'
import { strictThreshold } from '../roc/roc.js'
import type { ScoreArray } from '../roc/scores.js'
import { fitTail } from './tail.js'

/** FARs at which cosines are named, as far as the pairs bear them out: two a decade, for what lies between is interpolated. */
const FARS = [1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6]

/** So many different pairs of people must have been taken for one before a FAR counts as measured. */
const ENOUGH_PEOPLE = 10

/** Cosines of pairs of two people, the largest of them. */
export interface ImpostorScores {
  /** How many pairs there were, and of how many people. */
  readonly pairs: number
  readonly people: number
  /** Descending: all, or the largest. */
  readonly scores: ScoreArray
  /** Whose the two faces of each are, a number below 2^26 for each person. */
  readonly first: Int32Array
  readonly second: Int32Array
  /** What each counts of all, which count 1 together; by default all the same. */
  readonly weights?: Float64Array
  /** Where only the largest are given: a random sample of all, by their weights, descending, for large FARs. */
  readonly sample?: ScoreArray
}

/**
 * A model's thresholds from its impostor scores: the cosine at each FAR that they bear out (strict: that FAR is not
 * exceeded on these pairs) and the tail beyond. A FAR counts as borne out where the pairs above its cosine are of ten
 * different couples of people or more: photographs of one couple are not independent.
 * @param of whose faces they are, for the thresholds' source
 * @throws EvaluateError EVALUATE_PAIRS where they bear out no FAR at all
 */
export function measureThresholds(impostors: ImpostorScores, of: string): Thresholds {
  const { pairs, people, scores, sample } = impostors
  const weights = impostors.weights ?? new Float64Array(scores.length).fill(1 / pairs)
  const enough = pairsOfEnoughPeople(impostors)
  const smallestFar =
    impostors.weights && enough <= scores.length ? sum(weights.subarray(0, enough)) : enough / pairs
  const kept = sum(weights.subarray(0, scores.length))
  const fars = FARS.filter((far) => far >= smallestFar)
  if (fars.length === 0)
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `${pairs} impostor pairs of ${people} people bear out no threshold: not even at FAR ${FARS[0]} are there false matches of ${ENOUGH_PEOPLE} different couples of people`,
    )
  const cosineAt = (far: number) => {
    if (sample !== undefined && far >= kept) return strictThreshold(sample, sample.length, far)
    return impostors.weights
      ? weightedThreshold(scores, weights, far)
      : strictThreshold(scores, pairs, far)
  }
  const tail = fitTail(scores, pairs, weights)
  const measured: Impostors = { pairs, people, smallestFar, ...(tail && { tail }) }
  return {
    source: `${pairs.toLocaleString('en')} pairs of ${people} people of ${of}`,
    cosine: Object.fromEntries(fars.map((far) => [far.toExponential(), cosineAt(far)])),
    impostors: measured,
  }
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0)

/** As `strictThreshold`, of scores that count differently. */
function weightedThreshold(scores: ScoreArray, weights: Float64Array, far: number): number {
  let [accepted, i] = [0, 0]
  while (i < scores.length - 1 && accepted + weights[i]! <= far) accepted += weights[i++]!
  return scores[i]!
}

/** How many of the largest scores it takes until ten couples of people are among them; infinite if they never are. */
function pairsOfEnoughPeople({ first, second, scores }: ImpostorScores): number {
  const couples = new Set<number>()
  for (let i = 0; i < scores.length; i++) {
    const [a, b] = [first[i]!, second[i]!]
    couples.add(Math.min(a, b) * 2 ** 26 + Math.max(a, b))
    if (couples.size === ENOUGH_PEOPLE) return i + 1
  }
  return Number.POSITIVE_INFINITY
}

/**
 * The impostors among scored pairs, for `measureThresholds`.
 * @param first person of the first face of each pair, `second` of the second; 0, 1, ...
 */
export function impostorsOf({
  similarities,
  same,
  first,
  second,
}: {
  readonly similarities: ScoreArray
  readonly same: Uint8Array
  readonly first: Int32Array
  readonly second: Int32Array
}): ImpostorScores {
  const order = Uint32Array.from(same.keys()).filter((p) => same[p] !== 1)
  order.sort((p, q) => similarities[q]! - similarities[p]!)
  const people = new Set<number>()
  for (const p of order) people.add(first[p]!).add(second[p]!)
  return {
    pairs: order.length,
    people: people.size,
    scores: Float64Array.from(order, (p) => similarities[p]!),
    first: Int32Array.from(order, (p) => first[p]!),
    second: Int32Array.from(order, (p) => second[p]!),
  }
}
