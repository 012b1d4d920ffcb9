/**
 * Makes a matrix ready to be multiplied many times. The room has no engine of its own: `openMatMul`
 * of @arcface/recognize gives one on ONNX Runtime.
 *
 * @param rows n x dim, row-major float32; may be changed by the caller once the promise settles
 */
export type MatMul = (rows: Float32Array, n: number, dim: number) => Promise<Product>

/** n rows made ready. Takes memory for them until `release`. */
export interface Product {
  /**
   * out[i * n + j] = row i of `block` . row j, and best[j] = the largest out[i * n + j] of any i.
   *
   * @param block m x dim, row-major; only read
   * @param out m x n, written
   * @param best n, written
   */
  times(block: Float32Array, m: number, out: Float32Array, best: Float32Array): Promise<void>
  release(): Promise<void>
}
