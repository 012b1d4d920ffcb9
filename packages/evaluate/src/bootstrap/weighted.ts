import { EvaluateError } from '../errors.js'
import { foldStarts, mean, pairBins, THRESHOLDS } from '../verification/folds.js'
import type { PairSample } from './identities.js'

/** What a draw of people gives at a FAR. */
export interface WeightedPoint {
  readonly tar: number
  readonly threshold: number
}

/**
 * The figures of scored pairs when people are drawn several times or not at all: a genuine pair counts
 * as often as its person was drawn, an impostor pair as often as the product for its two people. With
 * every person drawn once these are the figures of the pairs themselves. Sorts once; a draw takes time
 * in proportion to the pairs.
 */
export class WeightedPairs {
  private readonly order: Uint32Array
  private readonly weights: Float64Array
  private genuine = 0
  private impostor = 0
  private bins: Int32Array | undefined

  /** @throws EvaluateError EVALUATE_PAIRS where a kind of pair is missing */
  constructor(private readonly sample: PairSample) {
    const { similarities, same } = sample
    if (!same.includes(1) || !same.includes(0)) {
      const message = 'an interval takes both genuine and impostor pairs'
      throw new EvaluateError('EVALUATE_PAIRS', message)
    }
    this.order = Uint32Array.from(same, (_, p) => p).sort(
      (p, q) => similarities[q]! - similarities[p]!,
    )
    this.weights = new Float64Array(same.length)
  }

  /** Takes a draw; the figures are then of it. */
  draw(draws: Float64Array): void {
    const { same, first, second } = this.sample
    let [genuine, impostor] = [0, 0]
    for (let p = 0; p < same.length; p++) {
      const weight = draws[first[p]!]!
      if (same[p] === 1) {
        this.weights[p] = weight
        genuine += weight
      } else {
        const product = second[p]! < 0 ? weight : weight * draws[second[p]!]!
        this.weights[p] = product
        impostor += product
      }
    }
    this.genuine = genuine
    this.impostor = impostor
  }

  /** NaN where the draw lacks a kind of pair; so for the figures below. */
  auc(): number {
    let doubled = 0
    let impostorsAbove = 0
    this.groups((_, genuine, impostor) => {
      doubled += genuine * (2 * (this.impostor - impostorsAbove) - impostor)
      impostorsAbove += impostor
      return true
    })
    return doubled / (2 * this.genuine * this.impostor)
  }

  /** Strict TAR and its threshold at each FAR; `fars` in any order. */
  atFars(fars: readonly number[]): WeightedPoint[] {
    const found = fars.map((): WeightedPoint => ({ tar: Number.NaN, threshold: Number.NaN }))
    if (this.genuine === 0 || this.impostor === 0) return found
    const places = [...fars.keys()].sort((x, y) => fars[x]! - fars[y]!)
    let next = 0
    let [genuineAbove, impostorsAbove] = [0, 0]
    this.groups((threshold, genuine, impostor) => {
      const reached = (impostorsAbove + impostor) / this.impostor
      while (next < places.length && reached > fars[places[next]!]!) {
        found[places[next]!] = { tar: genuineAbove / this.genuine, threshold }
        next++
      }
      genuineAbove += genuine
      impostorsAbove += impostor
      return next < places.length
    })
    return found
  }

  /** Share of impostor pairs strictly above a threshold. */
  farAt(threshold: number): number {
    let accepted = 0
    this.groups((score, _, impostor) => {
      if (score > threshold) accepted += impostor
      return score > threshold
    })
    return accepted / this.impostor
  }

  /** Folded accuracy (see `foldedAccuracy`); folds that the draw left empty do not count. */
  accuracy(folds: number): number {
    const { similarities, same } = this.sample
    const starts = foldStarts(same, folds)
    this.bins ??= pairBins(similarities)
    const total = new Float64Array(THRESHOLDS)
    const correct = Array.from({ length: folds }, (_, f) => {
      const counts = this.countCorrect(starts[f]!, starts[f + 1]!)
      for (let t = 0; t < THRESHOLDS; t++) total[t]! += counts[t]!
      return counts
    })
    const accuracies: number[] = []
    for (const [f, counts] of correct.entries()) {
      let weight = 0
      for (let p = starts[f]!; p < starts[f + 1]!; p++) weight += this.weights[p]!
      if (weight === 0) continue
      let best = 0
      for (let t = 1; t < THRESHOLDS; t++) {
        if (total[t]! - counts[t]! > total[best]! - counts[best]!) best = t
      }
      accuracies.push(counts[best]! / weight)
    }
    return accuracies.length === 0 ? Number.NaN : mean(accuracies)
  }

  private countCorrect(start: number, end: number): Float64Array {
    const { same } = this.sample
    const counts = new Float64Array(THRESHOLDS + 1)
    let rejected = 0 // impostors that the lowest threshold refuses
    for (let p = start; p < end; p++) {
      const weight = this.weights[p]!
      if (same[p] === 1) counts[this.bins![p]!]! += weight
      else {
        rejected += weight
        counts[this.bins![p]!]! -= weight
      }
    }
    counts[0]! += rejected
    for (let t = 1; t < THRESHOLDS; t++) counts[t]! += counts[t - 1]!
    return counts.subarray(0, THRESHOLDS)
  }

  /** Calls with each score, descending, and the weights that have it, until it returns false. */
  private groups(visit: (score: number, genuine: number, impostor: number) => boolean): void {
    const { similarities, same } = this.sample
    for (let i = 0; i < this.order.length; ) {
      const score = similarities[this.order[i]!]!
      let [genuine, impostor] = [0, 0]
      for (; i < this.order.length && similarities[this.order[i]!] === score; i++) {
        const p = this.order[i]!
        if (same[p] === 1) genuine += this.weights[p]!
        else impostor += this.weights[p]!
      }
      if (visit(score, genuine, impostor) === false) return
    }
  }
}
