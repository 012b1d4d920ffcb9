import { EvaluateError } from '../errors.js'

/**
 * The largest of a stream of scores, exactly, in memory for twice as many: what TAR takes at a small
 * FAR of billions of impostor pairs.
 */
export class Tail {
  private readonly kept: Float32Array
  private length = 0
  private limit = Number.NEGATIVE_INFINITY

  /** @throws EvaluateError EVALUATE_OPTION */
  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new EvaluateError(
        'EVALUATE_OPTION',
        `the number of largest scores to keep is 1 or more, not ${capacity}`,
      )
    }
    this.kept = new Float32Array(2 * capacity)
  }

  /** A score at or below it changes nothing any more. */
  get bound(): number {
    return this.limit
  }

  push(score: number): void {
    if (score <= this.limit) return
    if (this.length === this.kept.length) {
      this.kept.sort().reverse()
      this.length = this.capacity
      this.limit = this.kept[this.capacity - 1]!
      if (score <= this.limit) return
    }
    this.kept[this.length++] = score
  }

  /** The largest scores, descending; a copy. */
  sorted(): Float32Array {
    return this.kept.slice(0, this.length).sort().reverse().subarray(0, this.capacity)
  }
}
