import type { MatMul } from '@arcface/vision'
import { search } from '../../identification/search.js'

/** People by the sums of their rows. */
export class Centres {
  /** Rows of each person. */
  readonly counts: Float64Array
  private readonly sums: Float64Array

  /**
   * @param rows n x dim, L2-normalised
   * @param person of each row: 0 to people - 1
   */
  constructor(
    private readonly rows: Float32Array,
    readonly dim: number,
    private readonly person: Int32Array,
    people: number,
  ) {
    this.sums = new Float64Array(people * dim)
    this.counts = new Float64Array(people)
    for (const [row, one] of person.entries()) {
      this.counts[one]!++
      for (let d = 0; d < dim; d++) this.sums[one * dim + d]! += rows[row * dim + d]!
    }
  }

  /** Cosine of a row to the mean of its person's other rows; NaN where there are none. */
  ownCosine(row: number): number {
    const { rows, sums, dim } = this
    const one = this.person[row]!
    let [product, squares] = [0, 0]
    for (let d = 0; d < dim; d++) {
      const own = rows[row * dim + d]!
      const rest = sums[one * dim + d]! - own
      product += rest * own
      squares += rest * rest
    }
    return this.counts[one]! < 2 ? Number.NaN : product / Math.sqrt(squares)
  }

  /** Mean cosine of a row of one with a row of the other; of one person, of two different rows. NaN where there are none. */
  meanCosine(a: number, b: number): number {
    const { sums, dim, counts } = this
    let product = 0
    for (let d = 0; d < dim; d++) product += sums[a * dim + d]! * sums[b * dim + d]!
    const [m, n] = [counts[a]!, counts[b]!]
    return a === b ? (product - n) / (n * (n - 1)) : product / (m * n)
  }

  /** Length of the mean of a person's rows, 0 to 1. */
  length(one: number): number {
    const { sums, dim, counts } = this
    return Math.hypot(...sums.subarray(one * dim, (one + 1) * dim)) / counts[one]!
  }

  /** People who have rows, and their means of length 1, a row each. */
  directions(): { readonly people: Int32Array<ArrayBuffer>; readonly rows: Float32Array } {
    const { sums, dim, counts } = this
    const people = Int32Array.from([...counts.keys()].filter((one) => this.length(one) > 0))
    const rows = new Float32Array(people.length * dim)
    for (const [i, one] of people.entries()) {
      const scale = 1 / (this.length(one) * counts[one]!)
      for (let d = 0; d < dim; d++) rows[i * dim + d] = sums[one * dim + d]! * scale
    }
    return { people, rows }
  }

  /** For each row the other person whose mean is nearest, and the cosine to it; -1 and NaN where there is nobody else. */
  async nearestOthers(
    matmul: MatMul,
  ): Promise<{ readonly other: Int32Array; readonly cosine: Float32Array }> {
    const { people, rows } = this.directions()
    if (people.length < 2) {
      const n = this.person.length
      return { other: new Int32Array(n).fill(-1), cosine: new Float32Array(n).fill(Number.NaN) }
    }
    const { otherRows, otherScores } = await search({
      probes: { embeddings: this.rows, dim: this.dim },
      probeOf: this.person,
      gallery: [rows],
      galleryOf: people,
      matmul,
      keep: 1,
    })
    return { other: otherRows.map((row) => people[row] ?? -1), cosine: otherScores }
  }
}
