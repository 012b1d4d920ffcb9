import { type BootstrapOptions, bootstrap, whereEnoughPeople } from '../bootstrap/bootstrap.js'
import { WeightedPairs } from '../bootstrap/weighted.js'
import { EvaluateError } from '../errors.js'
import { checkRate } from '../roc/scores.js'
import type { DrawnRate } from '../scored/rates.js'
import { type ScoredPeople, samplesOf } from '../scored/samples.js'

/** Shares of the comparisons that are refused: 0 to a half, by a hundredth. */
export const REFUSED: readonly number[] = Array.from({ length: 51 }, (_, i) => i / 100)
/** The partial area under the curve is taken up to this share. */
export const AREA_TO = 0.2
const IN_AREA = REFUSED.filter((share) => share <= AREA_TO).length

export interface DiscardOptions extends BootstrapOptions {
  /** False match rates at which the threshold is set. Default 1e-2 and 1e-3. */
  readonly fmrs?: readonly number[]
}

/** What refusing the worst does at one threshold. */
export interface DiscardCurve {
  /** False match rate of all pairs at the threshold, at most. */
  readonly fmr: number
  readonly threshold: number
  /** FNMR with the worst refused, one for each of `REFUSED`. */
  readonly fnmr: readonly DrawnRate[]
  /** How much lower the FNMR is with the worst fifth refused: above 0 where that helps. */
  readonly fall: DrawnRate
  /** Mean FNMR from none to a fifth refused: the partial area under the curve over its width. */
  readonly area: DrawnRate
  /** Of what could be gained in that area how much is: 1 where errors go first, 0 by chance, below 0 where good ones go. */
  readonly worth: DrawnRate
}

/** A figure of quality, measured. */
export interface DiscardResult {
  readonly name: string
  /** Images of which it is not known: they are refused first. */
  readonly unknown: number
  readonly curves: readonly DiscardCurve[]
}

/**
 * Error versus discard (Grother and Tabassi 2007; ISO/IEC 29794-1): the threshold is set at a false match rate of all pairs
 * and stays; a comparison is as good as the worse of its two images; the worst are refused, and FNMR is that of the rest. Where
 * several are alike, any of them may be refused: the mean over them is taken. Intervals are over people, threshold included.
 * @param quality of each image of the set: the higher, the better; NaN: not known
 * @throws EvaluateError EVALUATE_PAIRS, EVALUATE_OPTION
 */
export function discard(
  set: ScoredPeople,
  name: string,
  quality: Float64Array,
  { fmrs = [1e-2, 1e-3], ...options }: DiscardOptions = {},
): DiscardResult {
  for (const fmr of fmrs) checkRate(fmr, 'FMR')
  if (quality.length !== set.person.length)
    throw new EvaluateError(
      'EVALUATE_PAIRS',
      `${name}: ${quality.length} figures of quality for ${set.person.length} images`,
    )
  const { all, tail } = samplesOf(set)
  const impostors = new WeightedPairs(tail ?? all)
  const genuine = new WorstFirst(set, all.weights, quality)
  const everybody = new Float64Array(all.identities).fill(1)
  const figures = (draws: Float64Array) => {
    impostors.draw(draws)
    return impostors.atFars(fmrs).map(({ threshold }) => curveAt(genuine, draws, threshold))
  }
  const whole = figures(everybody)
  const thresholds = impostors.atFars(fmrs).map(({ threshold }) => threshold)
  const intervals = whereEnoughPeople(() =>
    bootstrap(all.identities, (draws) => figures(draws).flat(), options),
  )
  let next = 0
  const taken = (value: number): DrawnRate => ({ value, interval: intervals?.[next++] ?? null })
  return {
    name,
    unknown: quality.reduce((sum, one) => sum + Number(Number.isNaN(one)), 0),
    curves: whole.map((values, i) => {
      const [fall, area, worth, ...fnmr] = values.map(taken) as [
        DrawnRate,
        DrawnRate,
        DrawnRate,
        ...DrawnRate[],
      ]
      return { fmr: fmrs[i]!, threshold: thresholds[i]!, fnmr, fall, area, worth }
    }),
  }
}

/** Fall, area, worth, and FNMR at each of `REFUSED`. */
function curveAt(genuine: WorstFirst, draws: Float64Array, threshold: number): number[] {
  const fnmr = genuine.fnmr(draws, threshold)
  const [none] = fnmr as [number]
  const mean = (of: (place: number) => number) => {
    // By trapezoids.
    let sum = 0
    for (let i = 1; i < IN_AREA; i++) sum += (of(i - 1) + of(i)) / 2
    return sum / (IN_AREA - 1)
  }
  const area = mean((i) => fnmr[i]!)
  const best = mean((i) => Math.max(0, none - REFUSED[i]!) / (1 - REFUSED[i]!))
  const worth = none === best ? 0 : (none - area) / (none - best)
  return [none - fnmr[IN_AREA - 1]!, area, worth, ...fnmr]
}

/** Genuine pairs, the worst first. */
class WorstFirst {
  private readonly similarities: Float64Array
  private readonly person: Int32Array
  private readonly weights: Float64Array
  /** Where those begin that are better than the pair before. */
  private readonly isNext: Uint8Array

  constructor(
    { pairs, person }: ScoredPeople,
    weights: Float64Array | undefined,
    quality: Float64Array,
  ) {
    const of = (row: number) => (Number.isNaN(quality[row]!) ? -Infinity : quality[row]!)
    const worse = pairs.first.map((row, p) => Math.min(of(row), of(pairs.second[p]!)))
    const order = [...pairs.same.keys()]
      .filter((p) => pairs.same[p] === 1)
      .sort((p, q) => (worse[p] === worse[q] ? 0 : worse[p]! - worse[q]!))
    this.similarities = Float64Array.from(order, (p) => pairs.cosine[p]!)
    this.person = Int32Array.from(order, (p) => person[pairs.first[p]!]!)
    this.weights = Float64Array.from(order, (p) => weights?.[p] ?? 1)
    this.isNext = Uint8Array.from(order, (p, i) =>
      Number(i > 0 && worse[p] !== worse[order[i - 1]!]),
    )
  }

  /** FNMR at each of `REFUSED`, each person drawn so many times. */
  fnmr(draws: Float64Array, threshold: number): number[] {
    // Weight and errors of all pairs as bad as these or worse, a step for each value of quality.
    const refused: number[] = [0]
    const errors: number[] = [0]
    let [weight, wrong] = [0, 0]
    for (let i = 0; i < this.weights.length; i++) {
      if (this.isNext[i] === 1) {
        refused.push(weight)
        errors.push(wrong)
      }
      const counted = this.weights[i]! * draws[this.person[i]!]!
      weight += counted
      if (!(this.similarities[i]! > threshold)) wrong += counted
    }
    refused.push(weight)
    errors.push(wrong)
    let step = 1
    return REFUSED.map((share) => {
      const goal = share * weight
      while (step < refused.length - 1 && refused[step]! < goal) step++
      const [from, to] = [refused[step - 1]!, refused[step]!]
      const part = to > from ? (goal - from) / (to - from) : 0
      const gone = errors[step - 1]! + part * (errors[step]! - errors[step - 1]!)
      return Math.max(0, wrong - gone) / (weight - goal)
    })
  }
}
