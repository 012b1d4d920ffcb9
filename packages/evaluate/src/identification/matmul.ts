/** Rows of a block whose largest score is told: `best` has one row for so many of `out`. */
export const GROUP = 32
/** Rows that a protocol multiplies at a time, a multiple of GROUP. */
export const BLOCK = 256
/** Rows of a panel: these and their scores (2 MiB) stay in the cache. */
export const PANEL = 2048

/**
 * Makes rows ready to be multiplied many times. The room has no engine of its own: `onnxMatMul` of
 * @arcface/recognize gives one on ONNX Runtime.
 *
 * @param panels rows of length dim in parts small enough for a cache, each row-major float32; only
 *   read, and not after the promise settles
 */
export type MatMul = (panels: readonly Float32Array[], dim: number) => Promise<Product>

/** Panels made ready. They take memory until `release`. */
export interface Product {
  /**
   * For each panel of n rows: out[i * n + j] = row i of `block` . row j of the panel, and
   * best[g * n + j] = the largest out[i * n + j] with i from 32 g to 32 g + 31.
   *
   * @param block m x dim, row-major, m a multiple of 32; only read
   * @param out m x n for each panel, written
   * @param best m / 32 x n for each panel, written
   */
  times(
    block: Float32Array,
    m: number,
    out: readonly Float32Array[],
    best: readonly Float32Array[],
  ): Promise<void>
  release(): Promise<void>
}
