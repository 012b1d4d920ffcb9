import type { ByteRows, PanelSide } from '@arcface/vision'

/** Zero of the unsigned bytes that stand for signed ones on the other side of a product. */
export const ZERO = 128
/** Rows and columns that are turned at a time, so that both stay in the cache. */
const TILE = 64

/** Rows in bytes as the columns of a matrix, which MatMulInteger takes: dim x n. */
export interface ByteColumns extends PanelSide {
  readonly columns: Int8Array
}

/** @param parts rows of one length, in their order */
export function columnsOf(parts: readonly ByteRows[]): ByteColumns {
  const n = parts.reduce((sum, { steps }) => sum + steps.length, 0)
  const dim = parts[0]!.bytes.length / parts[0]!.steps.length
  const columns = new Int8Array(n * dim)
  const [steps, lost, lengths] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)]
  let first = 0
  for (const rows of parts) {
    turn(rows.bytes, dim, columns, n, first)
    steps.set(rows.steps, first)
    lost.set(rows.lost, first)
    lengths.set(rows.lengths, first)
    first += rows.steps.length
  }
  return { columns, steps, lost, lengths }
}

/** Writes rows (dim bytes each) into columns of n bytes, from the number `first` in each on. */
function turn(rows: Int8Array, dim: number, columns: Int8Array, n: number, first: number): void {
  const count = rows.length / dim
  for (let i = 0; i < count; i += TILE)
    for (let k = 0; k < dim; k++)
      for (let j = i, end = Math.min(i + TILE, count); j < end; j++)
        columns[k * n + first + j] = rows[j * dim + k]!
}
