import type { Range } from '@arcface/onnx'

const BINS = 2048
/** Ends that are tried, from all of the range downwards. */
const ENDS = 100

/** How often values fall where, between a least and a largest. */
export class Histogram {
  private readonly counts = new Float64Array(BINS)

  constructor(private readonly range: Range) {}

  add(data: Float32Array): void {
    const { min, max } = this.range
    const perBin = BINS / (max - min || 1)
    for (const value of data) this.counts[Math.min(BINS - 1, Math.floor((value - min) * perBin))]!++
  }

  /**
   * The range, 0 within, that loses least if it becomes 256 steps: the mean squared error, of rounding (a twelfth of a
   * step's square) and of what is cut off at the ends.
   */
  bestRange(): Range {
    const { min, max } = this.range
    let best = { min: Math.min(min, 0), max: Math.max(max, 0) }
    let error = this.errorOf(best)
    for (let improved = true; improved; ) {
      improved = false
      const from = best
      for (let i = 1; i < ENDS; i++)
        for (const tried of [
          { min: from.min, max: (Math.max(max, 0) * i) / ENDS },
          { min: (Math.min(min, 0) * i) / ENDS, max: from.max },
        ]) {
          const its = this.errorOf(tried)
          if (its < error) {
            best = tried
            error = its
            improved = true
          }
        }
    }
    return best
  }

  private errorOf({ min: low, max: high }: Range): number {
    const { min, max } = this.range
    const width = (max - min) / BINS
    const rounding = ((high - low) / 255) ** 2 / 12
    let sum = 0
    for (let bin = 0; bin < BINS; bin++) {
      const count = this.counts[bin]!
      if (count === 0) continue
      const x = min + (bin + 0.5) * width
      const cut = x < low ? low - x : x > high ? x - high : 0
      sum += count * (cut * cut + rounding)
    }
    return sum
  }
}
