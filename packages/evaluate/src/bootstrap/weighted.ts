import { EvaluateError } from '../errors.js'
import { foldStarts, mean, pairBins, THRESHOLDS } from '../verification/folds.js'
import type { WeighedSample } from './sample.js'

/** What a draw of people gives at a FAR. */
export interface WeightedPoint {
  readonly tar: number
  readonly threshold: number
}

/** Of each pair the bin of its score and its fold; how many folds there are. */
interface InFolds {
  readonly count: number
  readonly bins: Int32Array
  readonly folds: Int32Array
}

/**
 * The figures of scored pairs when people are drawn several times or not at all: a genuine pair counts
 * as often as its person was drawn, an impostor pair as often as the product for its two people, times their weights. With
 * every person drawn once, as it is at first, these are the figures of the pairs themselves. Sorts once; a draw takes time
 * in proportion to the pairs.
 */
export class WeightedPairs {
  /** Positions in the sample, by score, descending. */
  private readonly order: Uint32Array
  /** The pairs in that order: passes go through memory in order, which millions of pairs feel. */
  private readonly scores: Float64Array
  private readonly same: Uint8Array
  private readonly first: Int32Array
  private readonly second: Int32Array
  private readonly own: Float64Array | undefined
  private readonly weights: Float64Array
  private genuine = 0
  private impostor = 0
  private folded: InFolds | undefined

  /** @throws EvaluateError EVALUATE_PAIRS where a kind of pair is missing */
  constructor(private readonly sample: WeighedSample) {
    const { similarities, same, first, second, weights: own } = sample
    if (!same.includes(1) || !same.includes(0)) {
      const message = 'an interval takes both genuine and impostor pairs'
      throw new EvaluateError('EVALUATE_PAIRS', message)
    }
    const order = Uint32Array.from(similarities, (_, p) => p).sort(
      (p, q) => similarities[q]! - similarities[p]!,
    )
    this.order = order
    this.scores = Float64Array.from(order, (p) => similarities[p]!)
    this.same = Uint8Array.from(order, (p) => same[p]!)
    this.first = Int32Array.from(order, (p) => first[p]!)
    this.second = Int32Array.from(order, (p) => second[p]!)
    this.own = own && Float64Array.from(order, (p) => own[p]!)
    this.weights = new Float64Array(order.length)
    this.draw(new Float64Array(sample.identities).fill(1))
  }

  /** Takes a draw; the figures are then of it. */
  draw(draws: Float64Array): void {
    const { same, first, second, own, weights } = this
    let [genuine, impostor] = [0, 0]
    for (let i = 0; i < same.length; i++) {
      const weight = draws[first[i]!]! * (own ? own[i]! : 1)
      if (same[i] === 1) {
        weights[i] = weight
        genuine += weight
      } else {
        const product = second[i]! < 0 ? weight : weight * draws[second[i]!]!
        weights[i] = product
        impostor += product
      }
    }
    this.genuine = genuine
    this.impostor = this.sample.isTail ? couplesOf(draws) : impostor
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
    return this.at(threshold).far
  }

  /** Shares of impostor and of genuine pairs strictly above a threshold. */
  at(threshold: number): { readonly far: number; readonly tar: number } {
    let [impostors, genuines] = [0, 0]
    this.groups((score, genuine, impostor) => {
      if (score > threshold) {
        impostors += impostor
        genuines += genuine
      }
      return score > threshold
    })
    return { far: impostors / this.impostor, tar: genuines / this.genuine }
  }

  /** Calls with each score, descending, and what a threshold there gives: pairs strictly above it are accepted. */
  thresholds(visit: (threshold: number, far: number, tar: number) => void): void {
    let [genuines, impostors] = [0, 0]
    this.groups((threshold, genuine, impostor) => {
      visit(threshold, impostors / this.impostor, genuines / this.genuine)
      genuines += genuine
      impostors += impostor
      return true
    })
  }

  /** Folded accuracy (see `foldedAccuracy`); folds that the draw left empty do not count. */
  accuracy(folds: number): number {
    const { bins, folds: foldOf } = this.inFolds(folds)
    const { same, weights } = this
    // At each threshold, what the pairs whose bin it is add to what is right.
    const correct = Array.from({ length: folds }, () => new Float64Array(THRESHOLDS + 1))
    const total = new Float64Array(folds)
    for (let i = 0; i < same.length; i++) {
      const weight = weights[i]!
      const counts = correct[foldOf[i]!]!
      total[foldOf[i]!]! += weight
      if (same[i] === 1) counts[bins[i]!]! += weight
      else {
        counts[0]! += weight
        counts[bins[i]!]! -= weight
      }
    }
    const all = new Float64Array(THRESHOLDS)
    for (const counts of correct) {
      for (let t = 0; t < THRESHOLDS; t++) {
        if (t > 0) counts[t]! += counts[t - 1]!
        all[t]! += counts[t]!
      }
    }
    const accuracies = correct.flatMap((counts, fold) => {
      if (total[fold] === 0) return []
      let best = 0
      for (let t = 1; t < THRESHOLDS; t++) {
        if (all[t]! - counts[t]! > all[best]! - counts[best]!) best = t
      }
      return [counts[best]! / total[fold]!]
    })
    return accuracies.length === 0 ? Number.NaN : mean(accuracies)
  }

  /** Bin and fold of each pair. */
  private inFolds(folds: number): InFolds {
    if (this.folded?.count === folds) return this.folded
    const starts = foldStarts(this.sample.same, folds)
    const foldOf = new Int32Array(this.same.length)
    for (let f = 0; f < folds; f++) foldOf.fill(f, starts[f], starts[f + 1])
    const bins = pairBins(this.scores)
    this.folded = { count: folds, bins, folds: Int32Array.from(this.order, (p) => foldOf[p]!) }
    return this.folded
  }

  /** Calls with each score, descending, and the weights that have it, until it returns false. */
  private groups(visit: (score: number, genuine: number, impostor: number) => boolean): void {
    const { scores, same, weights } = this
    for (let i = 0; i < scores.length; ) {
      const score = scores[i]!
      let [genuine, impostor] = [0, 0]
      for (; i < scores.length && scores[i] === score; i++) {
        if (same[i] === 1) genuine += weights[i]!
        else impostor += weights[i]!
      }
      if (visit(score, genuine, impostor) === false) return
    }
  }
}

/** All couples of two people, each as often as the product for both. */
function couplesOf(draws: Float64Array): number {
  let [sum, squares] = [0, 0]
  for (const one of draws) {
    sum += one
    squares += one * one
  }
  return (sum * sum - squares) / 2
}
