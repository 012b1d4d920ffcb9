/** Largest of the signed bytes: -128 stays out, so that both signs are alike. */
export const LARGEST_BYTE = 127
/** More than what float32 rounds away from a bound of some 1, and from a sum of so many products. */
export const roundingOf = (dim: number): number => 1e-5 + dim * 2 ** -24

/**
 * A row y of numbers in bytes: y = step u + e, u whole numbers from -127 to 127. What the bytes have lost is e, whose
 * length bounds what a product with them can be off by.
 */
export interface ByteRows {
  /** u: n x dim. */
  readonly bytes: Int8Array
  /** Of each row. */
  readonly steps: Float32Array
  /** |e| of each row. */
  readonly lost: Float32Array
  /** |step u| of each row. */
  readonly lengths: Float32Array
}

/** @param rows n x dim */
export function quantizeRows(rows: Float32Array, dim: number): ByteRows {
  const n = rows.length / dim
  const bytes = new Int8Array(rows.length)
  const [steps, lost, lengths] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)]
  for (let i = 0; i < n; i++) {
    const [from, end] = [i * dim, (i + 1) * dim]
    // A row of zeros must not divide by zero.
    let peak = 1e-30
    for (let k = from; k < end; k++) {
      const size = Math.abs(rows[k]!)
      if (size > peak) peak = size
    }
    const step = Math.fround(peak / LARGEST_BYTE)
    const scale = 1 / step
    let [off, length] = [0, 0]
    for (let k = from; k < end; k++) {
      const y = rows[k]!
      // To the nearest, as Math.round, which takes several times as long.
      const u = (y < 0 ? y * scale - 0.5 : y * scale + 0.5) | 0
      bytes[k] = u
      const e = y - u * step
      off += e * e
      length += u * u
    }
    steps[i] = step
    lost[i] = Math.sqrt(off)
    lengths[i] = step * Math.sqrt(length)
  }
  return { bytes, steps, lost, lengths }
}

/** Pairs of a probe and a row of a panel whose product may be at least the probe's floor. */
export interface Bounds {
  /** How many rows of each probe; those of the first come first. */
  readonly counts: Int32Array
  readonly rows: Int32Array
  /** What the product is at most; at least it is so much less: */
  readonly most: Float32Array
  /** of each probe. */
  readonly slack: Float32Array
}

/** What is kept of a panel beside its bytes. */
export type PanelSide = Pick<ByteRows, 'steps' | 'lost' | 'lengths'>

/**
 * Bounds products by those of the bytes. With x = s q + r for a probe and y = t u + e for a row,
 * x . y = s t (q . u) + r . y + s q . e, so that it is at most |r| |y| + |s q| |e| away from s t (q . u) (Cauchy and
 * Schwarz), and |y| is at most |t u| + |e|.
 *
 * @param products q . u: m x n @param floors of each probe; -Infinity or less than any product: all rows are told
 */
export function boundsOfProducts(
  products: Int32Array,
  panel: PanelSide,
  probes: PanelSide,
  floors: Float32Array,
  dim: number,
): Bounds {
  const { steps, lost, lengths } = panel
  const [m, n] = [floors.length, steps.length]
  const [largest, worst, longest] = [peakOf(steps), peakOf(lost), peakOf(lengths)]
  const rounding = roundingOf(dim)
  const [counts, slack] = [new Int32Array(m), new Float32Array(m)]
  const found = new Growing()
  for (let i = 0; i < m; i++) {
    const [r, length] = [probes.lost[i]!, probes.lengths[i]!]
    const off = r * (longest + worst) + length * worst + rounding
    slack[i] = 2 * off
    const floor = floors[i]!
    // Below it no row's bound reaches the floor: most rows need no more than this to be compared with.
    const limit = floor - off > 0 ? (floor - off) / (probes.steps[i]! * largest) : -Infinity
    const least = Math.max(-(2 ** 31), Math.min(Math.floor(limit), 2 ** 31 - 1)) | 0
    const row = products.subarray(i * n, (i + 1) * n)
    const before = found.length
    for (let j = 0; j < n; j++) {
      const product = row[j]!
      if (product < least) continue
      const lostHere = lost[j]!
      const most =
        product * probes.steps[i]! * steps[j]! +
        r * (lengths[j]! + lostHere) +
        length * lostHere +
        rounding
      if (most >= floor) found.add(j, most)
    }
    counts[i] = found.length - before
  }
  return { counts, rows: found.rows(), most: found.most(), slack }
}

const peakOf = (numbers: Float32Array): number => {
  let peak = 0
  for (const one of numbers) if (one > peak) peak = one
  return peak
}

/** Rows and bounds, however many there come to be. */
class Growing {
  length = 0
  #rows = new Int32Array(256)
  #most = new Float32Array(256)

  add(row: number, most: number): void {
    if (this.length === this.#rows.length) {
      const [rows, bounds] = [this.#rows, this.#most]
      this.#rows = new Int32Array(2 * this.length)
      this.#rows.set(rows)
      this.#most = new Float32Array(2 * this.length)
      this.#most.set(bounds)
    }
    this.#rows[this.length] = row
    this.#most[this.length++] = most
  }

  rows = () => this.#rows.slice(0, this.length)
  most = () => this.#most.slice(0, this.length)
}
