import type { BootstrapOptions } from '../bootstrap/bootstrap.js'
import type { WeighedSample } from '../bootstrap/sample.js'
import { EvaluateError } from '../errors.js'
import { type ImpostorScores, impostorsOf } from '../threshold/impostors.js'
import { countPeople } from '../verification/identities.js'
import { ErrorCurve } from './curve.js'
import { ratesAt, type ThresholdRates } from './rates.js'
import type { ScoredSet } from './schema.js'

/**
 * The samples of a set. Across people each person counts the same among the genuine pairs, and each couple of people among
 * the impostor pairs, as for the thresholds of `thresholdsAcross`; the pairs of a list all count the same.
 */
export interface ScoredSamples {
  readonly all: WeighedSample
  /** Where `all` holds a random part of the impostors: the genuine pairs and the largest of all impostors. */
  readonly tail: WeighedSample | null
  /** Above it the tail tells what a threshold gives, else `all`. */
  readonly tailFrom: number
  /** How many impostor pairs there are. */
  readonly impostors: number
}

/** What samples are made of. */
export type ScoredPeople = Pick<ScoredSet, 'of' | 'person' | 'pairs' | 'tail' | 'impostors'>

export function samplesOf(set: ScoredPeople): ScoredSamples {
  const { pairs, tail, impostors } = set
  const whole = { ...pairs, weights: weightsOf(set) }
  const all = sampleOf(set, whole)
  if (tail === null) return { all, tail, tailFrom: Number.POSITIVE_INFINITY, impostors }
  const genuine = [...pairs.same.keys()].filter((p) => pairs.same[p] === 1)
  const faces = facesOf(set)
  const joined = {
    first: [...genuine.map((p) => pairs.first[p]!), ...tail.first],
    second: [...genuine.map((p) => pairs.second[p]!), ...tail.second],
    cosine: [...genuine.map((p) => pairs.cosine[p]!), ...tail.cosine],
    same: [...genuine.map(() => 1 as const), ...tail.cosine.map(() => 0 as const)],
    weights: Float64Array.from([
      ...genuine.map((p) => whole.weights![p]!),
      ...tail.first.map((row, k) => coupleWeight(set, faces, row, tail.second[k]!)),
    ]),
  }
  return {
    all,
    tail: { ...sampleOf(set, joined), isTail: true },
    tailFrom: tail.cosine.at(-1)!,
    impostors,
  }
}

function sampleOf(
  { person }: ScoredPeople,
  {
    first,
    second,
    cosine,
    same,
    weights,
  }: ScoredSet['pairs'] & { readonly weights: Float64Array | undefined },
): WeighedSample {
  return {
    similarities: Float64Array.from(cosine),
    same: Uint8Array.from(same),
    first: Int32Array.from(first, (row) => person[row]!),
    second: Int32Array.from(second, (row) => person[row]!),
    identities: countPeople(Int32Array.from(person)),
    ...(weights && { weights }),
  }
}

function weightsOf(set: ScoredPeople): Float64Array | undefined {
  if (set.of === 'list') return undefined
  const { pairs, person, tail } = set
  const faces = facesOf(set)
  const genuine = new Float64Array(faces.length)
  for (const [p, row] of pairs.first.entries()) if (pairs.same[p] === 1) genuine[person[row]!]!++
  return Float64Array.from(pairs.first, (row, p) => {
    if (pairs.same[p] === 1) return 1 / genuine[person[row]!]!
    // Of a random part couples were drawn, and then a face of each of the two.
    return tail ? 1 : coupleWeight(set, faces, row, pairs.second[p]!)
  })
}

const coupleWeight = (
  { person }: ScoredPeople,
  faces: Float64Array,
  a: number,
  b: number,
): number => 1 / (faces[person[a]!]! * faces[person[b]!]!)

function facesOf({ person }: ScoredPeople): Float64Array {
  const faces = new Float64Array(countPeople(Int32Array.from(person)))
  for (const one of person) faces[one]!++
  return faces
}

/**
 * Why intervals over people cannot be had: labels that say that two people are one, or one two; null where they can.
 */
export function intervalsFault({ all }: ScoredSamples): string | null {
  const { same, first, second } = all
  for (let p = 0; p < same.length; p++)
    if ((first[p] === second[p]) !== (same[p] === 1))
      return `pair ${p + 1} is labelled ${same[p] === 1 ? 'the same person' : 'two people'}, but its sides are person ${first[p]} and person ${second[p]}`
  return null
}

/** The errors at every threshold: of the tail where it reaches, then of all. */
export function errorCurveOf({ all, tail, tailFrom }: ScoredSamples): ErrorCurve {
  const whole = ErrorCurve.of(all)
  return tail === null ? whole : ErrorCurve.of(tail).downTo(tailFrom, whole)
}

/** What a threshold gives; without intervals where labels contradict each other. Errors as `ratesAt`. */
export function ratesOfSamples(
  samples: ScoredSamples,
  threshold: number,
  options: BootstrapOptions = {},
): ThresholdRates {
  const { all, tail, tailFrom, impostors } = samples
  const drawn = intervalsFault(samples) === null ? options : null
  if (tail === null || threshold < tailFrom) return ratesAt(all, threshold, drawn)
  // All that are above it are of the tail.
  return { ...ratesAt(tail, threshold, drawn), impostors }
}

/** The impostors of a set, for `measureThresholds`. @throws EvaluateError EVALUATE_PAIRS where there are none */
export function impostorsOfSet(set: ScoredSet, { all, tail }: ScoredSamples): ImpostorScores {
  const from = tail ?? all
  const found = impostorsOf(from)
  if (found.pairs === 0)
    throw new EvaluateError('EVALUATE_PAIRS', 'there are no impostor pairs for a threshold')
  if (set.of === 'list') return found
  const faces = facesOf(set)
  const couples = (faces.length * (faces.length - 1)) / 2
  return {
    ...found,
    pairs: set.impostors,
    people: faces.length,
    weights: Float64Array.from(
      found.first,
      (a, k) => 1 / couples / (faces[a]! * faces[found.second[k]!]!),
    ),
    ...(tail && {
      sample: all.similarities
        .filter((_, p) => all.same[p] !== 1)
        .sort()
        .reverse(),
    }),
  }
}
