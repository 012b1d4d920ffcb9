import type { WeighedSample } from '../bootstrap/sample.js'
import { WeightedPairs } from '../bootstrap/weighted.js'
import { checkPrices, expectedCost, type Prices } from './cost.js'

/**
 * FAR and FRR at every threshold that a sample tells apart, the highest threshold first: pairs strictly above it are
 * accepted. FAR ascends, FRR descends. The last accepts all; of a tail it is the lowest pair of two people.
 */
export class ErrorCurve {
  constructor(
    readonly thresholds: Float64Array,
    readonly far: Float64Array,
    readonly frr: Float64Array,
  ) {}

  /** @throws EvaluateError EVALUATE_PAIRS where a kind of pair is missing */
  static of(sample: WeighedSample): ErrorCurve {
    const [thresholds, far, frr]: [number[], number[], number[]] = [[], [], []]
    const end = sample.isTail ? lowestImpostor(sample) : Number.NEGATIVE_INFINITY
    const add = (threshold: number, accepted: number, tar: number) => {
      if (threshold < end) return
      thresholds.push(threshold)
      far.push(accepted)
      frr.push(1 - tar)
    }
    new WeightedPairs(sample).thresholds(add)
    if (!sample.isTail) add(Number.NEGATIVE_INFINITY, 1, 1)
    return new ErrorCurve(
      Float64Array.from(thresholds),
      Float64Array.from(far),
      Float64Array.from(frr),
    )
  }

  /** This curve down to a threshold, and from there another. */
  downTo(threshold: number, other: ErrorCurve): ErrorCurve {
    const own = this.thresholds.filter((one) => one >= threshold).length
    const [most, least] = [this.far[own - 1] ?? 0, this.frr[own - 1] ?? 1]
    const rest = other.length - other.thresholds.filter((one) => one < threshold).length
    const join = (a: Float64Array, b: Float64Array) => {
      const all = new Float64Array(own + other.length - rest)
      all.set(a.subarray(0, own))
      all.set(b.subarray(rest), own)
      return all
    }
    return new ErrorCurve(
      join(this.thresholds, other.thresholds),
      // Both were measured by themselves: where they meet the curve does not turn back.
      join(this.far, other.far).map((rate, i) => (i < own ? rate : Math.max(most, rate))),
      join(this.frr, other.frr).map((rate, i) => (i < own ? rate : Math.min(least, rate))),
    )
  }

  get length(): number {
    return this.thresholds.length
  }

  /** What any threshold gives: that of the lowest one that is told apart and not above it, or as well. */
  at(threshold: number): { readonly far: number; readonly frr: number } {
    // The first, descending, that lies at or below it: pairs above one are those above the other.
    let [low, high] = [0, this.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.thresholds[middle]! > threshold) low = middle + 1
      else high = middle
    }
    return { far: this.far[low]!, frr: this.frr[low]! }
  }

  /** The lowest threshold whose FAR does not exceed that one, as `tarAtFar` finds it. */
  thresholdAtFar(far: number): number {
    let [low, high] = [0, this.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.far[middle]! > far) high = middle - 1
      else low = middle
    }
    return this.thresholds[low]!
  }

  /** Area under the ROC curve; of all pairs of a list that of `areaUnderRoc`, by trapezoids. */
  area(): number {
    let [sum, lastFar, lastTar] = [0, 0, 0]
    for (let i = 0; i < this.length; i++) {
      const [far, tar] = [this.far[i]!, 1 - this.frr[i]!]
      sum += ((far - lastFar) * (tar + lastTar)) / 2
      ;[lastFar, lastTar] = [far, tar]
    }
    return sum
  }

  /** Where FAR and FRR are nearest to each other, and half their sum there. */
  equalError(): { readonly threshold: number; readonly rate: number } {
    let best = 0
    const gap = (i: number) => Math.abs(this.far[i]! - this.frr[i]!)
    for (let i = 1; i < this.length; i++) if (gap(i) < gap(best)) best = i
    return { threshold: this.thresholds[best]!, rate: (this.far[best]! + this.frr[best]!) / 2 }
  }

  /**
   * The threshold at which wrong decisions cost least, of several the highest; minus infinity where it is cheapest to accept
   * everybody.
   * @throws EvaluateError EVALUATE_OPTION
   */
  cheapest(prices: Prices): { readonly threshold: number; readonly cost: number } {
    checkPrices(prices)
    const cost = (i: number) => expectedCost({ far: this.far[i]!, frr: this.frr[i]! }, prices).all
    let best = 0
    for (let i = 1; i < this.length; i++) if (cost(i) < cost(best)) best = i
    return { threshold: this.thresholds[best]!, cost: cost(best) }
  }

  /** Corners for a drawing: those at which FAR or FRR has changed by that ratio, or by that much. */
  drawn(ratio = 1.02, step = 0.002): { far: number; frr: number; threshold: number }[] {
    const points: { far: number; frr: number; threshold: number }[] = []
    for (let i = 0; i < this.length; i++) {
      const [far, frr] = [this.far[i]!, this.frr[i]!]
      const last = points.at(-1)
      const isFar = (now: number, then: number) =>
        Math.abs(now - then) >= step ||
        (now !== then && !(now < then * ratio && then < now * ratio))
      if (last && i < this.length - 1 && !isFar(far, last.far) && !isFar(frr, last.frr)) continue
      points.push({ far, frr, threshold: this.thresholds[i]! })
    }
    return points
  }
}

function lowestImpostor({ similarities, same }: WeighedSample): number {
  let lowest = Number.POSITIVE_INFINITY
  for (let p = 0; p < same.length; p++)
    if (same[p] !== 1) lowest = Math.min(lowest, similarities[p]!)
  return lowest
}
