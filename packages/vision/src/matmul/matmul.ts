/** Rows of a block that are told of together: `best` has one row for so many of `scores`. */
export const GROUP = 32
/** Rows that a protocol multiplies at a time, a multiple of GROUP. */
export const BLOCK = 256
/** Rows of a panel: these and their scores (2 MiB) stay in the cache. */
export const PANEL = 2048

/**
 * Makes rows ready to be multiplied many times. The room has no engine of its own: `onnxMatMul` of
 * @arcface/recognize gives one on ONNX Runtime.
 *
 * Both take panels: rows of length dim in parts small enough for a cache, each row-major float32; they
 * must stay as they are until `release`, which frees what was made of them.
 */
export interface MatMul {
  /** For all products. */
  product(panels: readonly Float32Array[], dim: number): Promise<Product>
  /** For the largest products of rows of length 1. */
  selection(panels: readonly Float32Array[], dim: number): Promise<Selection>
}

export interface Product {
  /**
   * For each panel of n rows: out[i * n + j] = row i of `block` . row j of the panel.
   *
   * @param block m x dim, row-major; only read
   * @param out m x n for each panel, written: the sooner where threads share it (`sharedFloats`)
   */
  times(block: Float32Array, m: number, out: readonly Float32Array[]): Promise<void>
  release(): Promise<void>
}

export interface Selection {
  /**
   * The products of `block` with those rows j of each panel that have one above thresholds[j]; others
   * may be among them.
   *
   * @param block m x dim, row-major, m a multiple of 32, rows of length 1 or 0; only read
   * @param thresholds n for each panel of n rows; only read. -Infinity selects the row in any case
   */
  above(
    block: Float32Array,
    m: number,
    thresholds: readonly Float32Array[],
  ): Promise<readonly Selected[]>
  release(): Promise<void>
}

/** What was selected of a panel: f of its rows. */
export interface Selected {
  /** Which rows, ascending; f. */
  readonly columns: Int32Array
  /** scores[i * f + c] = row i of the block . row columns[c] of the panel. */
  readonly scores: Float32Array
  /** best[g * f + c] = the largest scores[i * f + c] with i from 32 g to 32 g + 31. */
  readonly best: Float32Array
}
