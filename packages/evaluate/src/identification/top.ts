import { GROUP, type Selected } from '@arcface/vision'
import type { Tail } from '../roc/tail.js'

/** The best scores and rows of each probe, kept while blocks of the gallery go by. */
export class TopScores {
  private readonly scores: Float32Array
  private readonly rows: Int32Array

  constructor(
    probes: number,
    private readonly keep: number,
    private readonly tail: Tail | undefined,
  ) {
    this.scores = new Float32Array(probes * keep).fill(Number.NEGATIVE_INFINITY)
    this.rows = new Int32Array(probes * keep).fill(-1)
  }

  /** Writes for each probe the score at or below which one changes nothing any more. */
  thresholds(target: Float32Array): void {
    const { scores, keep } = this
    const tail = this.tail?.bound ?? Number.POSITIVE_INFINITY
    for (let p = 0; p < target.length; p++) target[p] = Math.min(scores[(p + 1) * keep - 1]!, tail)
  }

  /**
   * Takes the scores of m rows of the gallery from `firstRow` on with selected probes, counted from
   * `firstProbe`. Of equal scores the earlier row stays in front. `best` may be too large.
   */
  take(selected: Selected, m: number, firstRow: number, firstProbe: number): void {
    const { columns, best } = selected
    const { scores, keep, tail } = this
    const inTail = tail?.bound ?? Number.POSITIVE_INFINITY
    for (let from = 0, at = 0; from < m; from += GROUP) {
      const end = Math.min(from + GROUP, m)
      for (let c = 0; c < columns.length; c++, at++) {
        const score = best[at]!
        const probe = firstProbe + columns[c]!
        if (score > scores[(probe + 1) * keep - 1]! || score > inTail) {
          this.takeColumn(selected, c, from, end, firstRow, probe)
        }
      }
    }
  }

  private takeColumn(
    selected: Selected,
    column: number,
    from: number,
    end: number,
    firstRow: number,
    probe: number,
  ): void {
    const { scores, keep, tail } = this
    const last = (probe + 1) * keep - 1
    const width = selected.columns.length
    for (let i = from, at = from * width + column; i < end; i++, at += width) {
      const score = selected.scores[at]!
      if (score > scores[last]!) this.insert(probe, score, firstRow + i)
      if (tail && score > tail.bound) tail.push(score)
    }
  }

  result() {
    const { scores: otherScores, rows: otherRows, tail } = this
    return { otherScores, otherRows, tail: tail?.sorted() ?? new Float32Array(0) }
  }

  private insert(probe: number, score: number, row: number): void {
    const { scores, rows, keep } = this
    const first = probe * keep
    let at = first + keep - 1
    for (; at > first && scores[at - 1]! < score; at--) {
      scores[at] = scores[at - 1]!
      rows[at] = rows[at - 1]!
    }
    scores[at] = score
    rows[at] = row
  }
}
