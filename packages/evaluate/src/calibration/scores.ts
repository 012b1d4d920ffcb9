import type { PairSample } from '../bootstrap/sample.js'
import { EvaluateError } from '../errors.js'

/** Genuine pairs of so many people: five parts of two people or more, each tried on a fit to the others. */
const FEWEST_PEOPLE = 10
/** By the rule of three fewer pairs do not even bear out a likelihood ratio of 10: with none of 30 wrong a rate lies below 1 in 10. */
const FEWEST_PAIRS = 30

/** Scored pairs of people to calibrate by. */
export interface CalibrationSample extends PairSample {
  /** What each pair counts among those of its kind; by default all the same. */
  readonly weights?: Float64Array
}

/** Scored pairs, ascending by cosine. */
export interface Weighed {
  readonly cosine: Float64Array
  /** 1 or 0. */
  readonly same: Uint8Array
  /** Those of genuine pairs sum to 1, and so do those of impostor pairs. */
  readonly weight: Float64Array
  readonly first: Int32Array
  readonly second: Int32Array
  /** The person of a genuine pair, the couple of people of an impostor pair: 0 .. groups - 1. Pairs of one are not independent. */
  readonly group: Int32Array
  readonly groups: number
}

/** How many there are to learn from, and what the pairs of each kind have on average. */
export interface Support {
  /** With genuine pairs. */
  readonly people: number
  /** Of people, with impostor pairs. */
  readonly couples: number
  /** Mean cosine. */
  readonly genuine: number
  readonly impostor: number
}

/**
 * Pairs to calibrate by, sorted and weighed.
 * @throws EvaluateError EVALUATE_PAIRS (lengths), EVALUATE_EMBEDDING (a similarity that is no number), EVALUATE_CALIBRATION
 */
export function weigh(sample: CalibrationSample): Weighed {
  const { similarities, same, first, second } = sample
  const { weights = new Float64Array(same.length).fill(1) } = sample
  const lengths = [similarities, same, first, second, weights].map(({ length }) => length)
  if (lengths.some((length) => length !== same.length))
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `similarities, labels, people and weights must be of one length, but have ${lengths.join(', ')}`,
    )
  if (!similarities.every(Number.isFinite))
    throw new EvaluateError(
      'EVALUATE_EMBEDDING',
      'a similarity is no number; check the embeddings that it was made of',
    )
  const grouped = groupPairs(sample)
  const order = Uint32Array.from(same.keys()).sort((p, q) => similarities[p]! - similarities[q]!)
  const all = {
    // Rounding makes a cosine a little more than 1.
    cosine: Float64Array.from(similarities, (cosine) => Math.max(-1, Math.min(1, cosine))),
    ...{ same, weight: weights, first, second, ...grouped },
  }
  const scores = take(all, order)
  const { genuine, impostor, ...counts } = supportOf(scores)
  checkCounts({ ...counts, genuine: same.reduce((sum, label) => sum + label, 0) })
  if (scores.cosine[0] === scores.cosine.at(-1))
    throw refuse(`all pairs have one cosine, ${scores.cosine[0]}, which tells nobody apart`)
  if (genuine <= impostor)
    throw refuse(
      `genuine pairs are not more alike (mean cosine ${genuine.toFixed(4)}) than impostor pairs (${impostor.toFixed(4)}); look at the labels`,
    )
  return scores
}

/** Whose pairs: all that is known of a sample before the model runs. */
export type LabelledPeople = Pick<PairSample, 'same' | 'first' | 'second' | 'identities'>

/** The person of each genuine pair and the couple of each impostor pair, numbered. */
function groupPairs({ same, first, second, identities }: LabelledPeople) {
  const numbers = new Map<number, number>()
  const group = Int32Array.from(same, (label, p) => {
    const [a, b] = [first[p]!, second[p]!]
    const key = label === 1 ? a : (Math.min(a, b) + 1) * identities + Math.max(a, b)
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
  return { group, groups: numbers.size }
}

/** Whether pairs are enough to calibrate by, before they are scored. @throws EvaluateError EVALUATE_CALIBRATION */
export function checkPairs(of: LabelledPeople): void {
  const { group } = groupPairs(of)
  const kinds = [1, 0].map((kind) => group.filter((_, p) => of.same[p] === kind))
  const [genuine, impostors] = kinds.map((groups) => new Set(groups).size)
  checkCounts({ genuine: kinds[0]!.length, people: genuine!, couples: impostors! })
}

/**
 * Whether so many pairs are enough to calibrate by.
 * @param genuine pairs, of so many `people`; `couples` of people with impostor pairs
 * @throws EvaluateError EVALUATE_CALIBRATION
 */
export function checkCounts({
  genuine,
  people,
  couples,
}: {
  readonly genuine: number
  readonly people: number
  readonly couples: number
}): void {
  if (people < FEWEST_PEOPLE)
    throw refuse(
      `a calibration takes genuine pairs of ${FEWEST_PEOPLE} people or more, not of ${people}: it is tried on people that it was not fitted to, in five parts of two`,
    )
  if (genuine < FEWEST_PAIRS || couples < FEWEST_PAIRS)
    throw refuse(
      `a calibration takes ${FEWEST_PAIRS} genuine pairs, and impostor pairs of ${FEWEST_PAIRS} couples of people, or more, not ${genuine} pairs and ${couples} couples: fewer do not bear out a likelihood ratio of 10 (rule of three)`,
    )
}

/** Some of the pairs, in the order given, weighed anew. */
export function take(of: Weighed, order: Uint32Array): Weighed {
  const same = Uint8Array.from(order, (p) => of.same[p]!)
  const weight = Float64Array.from(order, (p) => of.weight[p]!)
  const sums = [0, 0]
  for (const [p, label] of same.entries()) sums[label]! += weight[p]!
  for (const [p, label] of same.entries()) weight[p]! /= sums[label]!
  return {
    cosine: Float64Array.from(order, (p) => of.cosine[p]!),
    same,
    weight,
    first: Int32Array.from(order, (p) => of.first[p]!),
    second: Int32Array.from(order, (p) => of.second[p]!),
    group: Int32Array.from(order, (p) => of.group[p]!),
    groups: of.groups,
  }
}

export function supportOf({ cosine, same, weight, group, groups }: Weighed): Support {
  const seen = new Uint8Array(groups)
  const [counts, means] = [
    [0, 0],
    [0, 0],
  ]
  for (const [p, label] of same.entries()) {
    means[label]! += weight[p]! * cosine[p]!
    if (seen[group[p]!] === 0) counts[label]!++
    seen[group[p]!] = 1
  }
  return { people: counts[1]!, couples: counts[0]!, genuine: means[1]!, impostor: means[0]! }
}

const refuse = (message: string) => new EvaluateError('EVALUATE_CALIBRATION', message)
