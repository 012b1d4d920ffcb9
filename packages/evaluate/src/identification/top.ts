import type { Tail } from '../roc/tail.js'
import { GROUP } from './matmul.js'

/** The best scores and rows of each probe, kept while blocks of a product go by. */
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

  /**
   * Takes m x n scores: rows `firstRow` and on of the gallery against probes `firstProbe` and on.
   * Of equal scores the earlier row stays in front.
   *
   * @param best the largest score of each group of rows, or more
   */
  take(
    block: Float32Array,
    best: Float32Array,
    m: number,
    firstRow: number,
    firstProbe: number,
    n: number,
  ): void {
    const { scores, keep, tail } = this
    const inTail = tail?.bound ?? Number.POSITIVE_INFINITY
    for (let from = 0, at = 0; from < m; from += GROUP) {
      const end = Math.min(from + GROUP, m)
      for (let j = 0; j < n; j++, at++) {
        const score = best[at]!
        // After the first blocks hardly any group holds something new.
        if (score > scores[(firstProbe + j + 1) * keep - 1]! || score > inTail) {
          this.takeColumn(block, from, end, firstRow, firstProbe + j, n, j)
        }
      }
    }
  }

  private takeColumn(
    block: Float32Array,
    from: number,
    end: number,
    firstRow: number,
    probe: number,
    n: number,
    column: number,
  ): void {
    const { scores, keep, tail } = this
    const last = (probe + 1) * keep - 1
    for (let i = from, at = from * n + column; i < end; i++, at += n) {
      const score = block[at]!
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
