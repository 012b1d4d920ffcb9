import { probabilityAt } from '@arcface/vision'
import type { Interval } from '../bootstrap/bootstrap.js'
import type { Support, Weighed } from './scores.js'

/** Where probabilities are told apart: finely near 0 and 1, where decisions are made. */
const EDGES = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]
/** Different people and couples of people in a bin, below which there is no interval. */
const ENOUGH = 10

/** Pairs of about one probability: how many of them are genuine. */
export interface ReliabilityBin {
  /** Probabilities from here, included, to there; included at 1. */
  readonly from: number
  readonly to: number
  /** Mean probability that was told. */
  readonly told: number
  /** Share of genuine pairs among them, where genuine pairs have the share `prior` of all. */
  readonly genuine: number
  /** Of that share, by draws of people, and one misleading pair more; null of too few people. */
  readonly interval: Interval | null
  readonly pairs: number
}

/** Bins of a sample, and their figures when people are drawn several times or not at all. */
export class Reliability {
  /** Bin of each pair. */
  private readonly binOf: Int8Array
  private readonly probability: Float64Array

  constructor(
    private readonly scores: Weighed,
    llr: Float64Array,
    private readonly prior: number,
  ) {
    this.probability = llr.map((value) => probabilityAt(value, prior))
    this.binOf = Int8Array.from(this.probability, (p) =>
      Math.min(
        EDGES.length - 2,
        EDGES.findLastIndex((edge) => edge <= p),
      ),
    )
  }

  /** Numbers of the bins that have an interval. */
  wide(): number[] {
    const { group, groups } = this.scores
    const seen = new Uint8Array(groups * EDGES.length)
    const counts = new Int32Array(EDGES.length)
    for (const [p, bin] of this.binOf.entries()) {
      const place = group[p]! * EDGES.length + bin
      if (seen[place] === 0) counts[bin]!++
      seen[place] = 1
    }
    return [...counts.keys()].filter((bin) => counts[bin]! >= ENOUGH)
  }

  /** Shares of genuine pairs, by what each pair counts. */
  shares(weight: Float64Array): Float64Array {
    const { same } = this.scores
    const [genuine, impostor] = [new Float64Array(EDGES.length), new Float64Array(EDGES.length)]
    let [genuines, impostors] = [0, 0]
    for (const [p, bin] of this.binOf.entries())
      if (same[p] === 1) {
        genuine[bin]! += weight[p]!
        genuines += weight[p]!
      } else {
        impostor[bin]! += weight[p]!
        impostors += weight[p]!
      }
    return genuine.map((sum, bin) => this.share(sum / genuines, impostor[bin]! / impostors))
  }

  /** @param intervals of the shares, by bin */
  bins(intervals: ReadonlyMap<number, Interval>, { people, couples }: Support): ReliabilityBin[] {
    const { same, weight } = this.scores
    const sums = EDGES.map(() => ({ genuine: 0, impostor: 0, told: 0, all: 0, pairs: 0 }))
    for (const [p, bin] of this.binOf.entries()) {
      const sum = sums[bin]!
      sum[same[p] === 1 ? 'genuine' : 'impostor'] += weight[p]!
      const counts = weight[p]! * (same[p] === 1 ? this.prior : 1 - this.prior)
      sum.told += counts * this.probability[p]!
      sum.all += counts
      sum.pairs++
    }
    return sums.flatMap(({ genuine, impostor, told, all, pairs }, bin) => {
      if (pairs === 0) return []
      const drawn = intervals.get(bin)
      return {
        from: EDGES[bin]!,
        to: EDGES[bin + 1]!,
        told: told / all,
        genuine: this.share(genuine, impostor),
        interval: drawn
          ? {
              low: Math.min(drawn.low, this.share(genuine, impostor + 1 / couples)),
              high: Math.max(drawn.high, this.share(genuine + 1 / people, impostor)),
            }
          : null,
        pairs,
      }
    })
  }

  private share(genuine: number, impostor: number): number {
    const right = this.prior * genuine
    return right / (right + (1 - this.prior) * impostor)
  }
}
