import type { Thresholds } from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { checkOptions, type Kinds } from '../options.js'
import { farForFpir, fpirAtFar, type OperatingThreshold, thresholdAt } from './operating-point.js'
import { roundedRate } from './rate.js'

/** False accept rate of one comparison where nobody names one. */
const USUAL_FAR = 1e-3
/** False positive identification rate of one search where nobody names one. */
const USUAL_FPIR = 1e-2

/** How a comparison of two faces is decided: one of these, or neither. */
export interface ThresholdOptions {
  /** Accept this false accept rate, 0 to 1; the cosine follows from what the model names. Default 1e-3. */
  readonly far?: number | undefined
  /** A cosine of the caller's own instead, -1 to 1. */
  readonly threshold?: number | undefined
}

/** How a search among many faces is decided: one of these, or none. */
export interface SearchThresholdOptions extends ThresholdOptions {
  /**
   * Accept this false positive identification rate, 0 to 1: how often a stranger is given a name, whatever the size of the
   * gallery. Default 1e-2. `far` instead is that of a comparison with one face, of which a search makes many.
   */
  readonly fpir?: number | undefined
}

const ONE: Kinds<ThresholdOptions> = { far: 'number', threshold: 'number' }
const SEARCH: Kinds<SearchThresholdOptions> = { ...ONE, fpir: 'number' }

export interface ChosenThreshold {
  /** Accepted above it; null where neither the model nor the caller names one: then there is no verdict. */
  readonly threshold: number | null
  /**
   * False accept rate of one comparison that the threshold stands for, on the pairs named by `source`, not below what
   * these bear out; null for a threshold of the caller's.
   */
  readonly far: number | null
  readonly source: string | null
  /** What the user should know: that the model names no threshold, or that the rate asked for was not measured. */
  readonly warning: string | null
}

/** Whether there is a verdict: a threshold is known, and nothing that the faces are rejected for speaks against it. */
export const isDecided = (
  { threshold }: Pick<ChosenThreshold, 'threshold'>,
  rejected: readonly unknown[],
): boolean => threshold !== null && rejected.length === 0

/** Whether faces of this cosine are one person's: strictly above the threshold; null where there is no verdict. */
export const verdictOf = (
  chosen: Pick<ChosenThreshold, 'threshold'>,
  similarity: number,
  rejected: readonly unknown[],
): boolean | null => (isDecided(chosen, rejected) ? similarity > chosen.threshold! : null)

export interface ChosenSearchThreshold extends ChosenThreshold {
  /** False positive identification rate of the search that the threshold stands for; null as `far`. */
  readonly fpir: number | null
}

/**
 * The cosine given; else the model's at the FAR given or at 1e-3, see `thresholdAt`.
 * @throws VisionError VISION_USE for a cosine or a rate that is none, several at once, and a FAR of a model that
 *   names no threshold
 */
export function chooseThreshold(
  known: Thresholds | undefined,
  options: ThresholdOptions = {},
): ChosenThreshold {
  checkOptions('chooseThreshold', options, ONE)
  const { far = USUAL_FAR, threshold } = checked(options)
  if (threshold !== undefined) return { ...NONE, threshold, warning: null }
  const found = known && thresholdAt(known, far)
  if (!known || !found) return none(known, options)
  const { source } = known
  const warning = unsupported(found, source, `FAR ${roundedRate(far)}`)
  return { threshold: found.threshold, far: found.far, source, warning }
}

/**
 * As `chooseThreshold`, for the best of so many faces of one person: the FAR is that of the verdict, for which each
 * comparison has a smaller one, see `farForFpir`.
 */
export function choosePersonThreshold(
  known: Thresholds | undefined,
  options: ThresholdOptions,
  faces: number,
): ChosenThreshold {
  const ofOne = chooseThreshold(known, options)
  if (known === undefined || ofOne.far === null) return ofOne
  const { far = USUAL_FAR } = options
  const wanted = farForFpir(far, faces)
  const found = thresholdAt(known, wanted)
  if (!found) return none(known, options)
  const { source } = known
  const reached = found.far === wanted ? far : fpirAtFar(found.far, faces)
  const warning = unsupported(
    found,
    source,
    `FAR ${roundedRate(far)} of the best of ${faces} faces`,
  )
  return { threshold: found.threshold, far: reached, source, warning }
}

/**
 * As `chooseThreshold`, for the best of a search among so many faces: a FAR for each comparison follows from the rate
 * for the search, see `farForFpir`.
 */
export function chooseSearchThreshold(
  known: Thresholds | undefined,
  options: SearchThresholdOptions,
  faces: number,
): ChosenSearchThreshold {
  checkOptions('chooseSearchThreshold', options, SEARCH)
  if (!(Number.isInteger(faces) && faces >= 0))
    throw new VisionError(
      'VISION_USE',
      `chooseSearchThreshold: faces searched are a whole number from 0 on, not ${String(faces)}`,
    )
  const { far, fpir = USUAL_FPIR, threshold } = checked(options)
  if (threshold !== undefined) return { ...NONE, threshold, fpir: null, warning: null }
  const wanted = far ?? farForFpir(fpir, faces)
  const found = known && thresholdAt(known, wanted)
  if (!known || !found) return { ...none(known, options), fpir: null }
  const { source } = known
  const reached = fpirAtFar(found.far, faces)
  const among = `among ${faces} faces`
  const what =
    far === undefined
      ? `FPIR ${roundedRate(fpir)} ${among}, FAR ${roundedRate(wanted)} a comparison,`
      : `FAR ${roundedRate(far)}`
  const warning = unsupported(found, source, what, ` (FPIR ${roundedRate(reached)} ${among})`)
  return {
    threshold: found.threshold,
    far: found.far,
    // As it was given, not as rounding leaves it.
    fpir: far === undefined && found.far === wanted ? fpir : reached,
    source,
    warning,
  }
}

/**
 * The threshold of a search as galleries ask for it: a cosine by how many faces are searched. Where none is known it is 1,
 * which nobody lies above.
 */
export const searchThreshold =
  (known: Thresholds | undefined, options: SearchThresholdOptions = {}) =>
  ({ faces }: { readonly faces: number }): number =>
    chooseSearchThreshold(known, options, faces).threshold ?? 1

const NONE = { threshold: null, far: null, source: null }

function none(
  known: Thresholds | undefined,
  { far, fpir }: SearchThresholdOptions,
): ChosenThreshold {
  const [only] = Object.keys(known?.cosine ?? {})
  // One point shows no slope: where it is not enough, any other cosine is a guess.
  const why =
    only === undefined
      ? 'the model names no threshold'
      : `the model names a threshold at FAR ${only} only, which is not small enough`
  const todo = 'measure its thresholds (`measureThresholds`)'
  if (far === undefined && fpir === undefined)
    return {
      ...NONE,
      warning: `${why}, so nobody is called the same; ${todo}, or give a cosine`,
    }
  const asked = far === undefined ? `FPIR ${fpir}` : `FAR ${far}`
  throw new VisionError('VISION_USE', `${why}, so none at ${asked}; ${todo}`)
}

function unsupported(
  { supported, threshold, far }: OperatingThreshold,
  source: string,
  what: string,
  meaning = '',
): string | null {
  if (supported) return null
  return `${what} was not measured: ${source} bear out no FAR below ${roundedRate(far)}${meaning}; the threshold ${threshold.toFixed(4)} is extrapolated`
}

function checked<T extends SearchThresholdOptions>(options: T): T {
  const { far, fpir, threshold } = options
  const all = { threshold, far, fpir }
  const named = Object.entries(all).filter(([, value]) => value !== undefined)
  if (named.length > 1)
    throw new VisionError(
      'VISION_USE',
      `${named.map(([name]) => name).join(' and ')} are given, but a decision has one of them`,
    )
  for (const [name, value] of named) {
    const right =
      typeof value === 'number' &&
      (name === 'threshold' ? value >= -1 && value <= 1 : value > 0 && value < 1)
    if (!right)
      throw new VisionError(
        'VISION_USE',
        `${name}: ${name === 'threshold' ? 'a cosine from -1 to 1' : 'a rate above 0 and below 1'}, not ${String(value)}`,
      )
  }
  return options
}
