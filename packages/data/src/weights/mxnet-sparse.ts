import { type Cursor, type Dtype, itemSize } from '@arcface/files'
import { dataOver, elements, type Weight } from './tensor.js'

// MXNet, src/ndarray/ndarray.cc and include/mxnet/ndarray.h: NDArrayStorageType, num_aux_data, rowsparse::kIdx,
// csr::kIndPtr and csr::kIdx.

export const ROW_SPARSE = 1
export const CSR = 2

/**
 * A small file may announce tensors of any size, and all of their zeros would be written out: together 256 times the
 * file, and a gigabyte beyond it.
 */
export const mostZeros = (size: number): number => Math.min(256 * size, size + 2 ** 30)

/** How the parts of an array are read, which dense ones share. */
export interface ArrayReader {
  readonly cursor: Cursor
  shape(): number[]
  dtype(): Dtype
  /** Takes bytes out of what all sparse arrays of the file may have together; false where they are used up. */
  spend(bytes: number): boolean
  fail(why: string): Error
}

/**
 * A sparse array, from behind its storage type on, with its zeros written out: rows that are not all zero with their
 * numbers (row_sparse), or a matrix's values with their columns, row by row (csr).
 *
 * @throws the reader's error where sizes or places do not fit, or the zeros of all arrays would take 256 times the file or a gigabyte
 */
export function readSparse(kind: typeof ROW_SPARSE | typeof CSR, reader: ArrayReader): Weight {
  const { cursor, fail } = reader
  const stored = reader.shape()
  const shape = reader.shape()
  if (shape.length === 0) return { dtype: 'float32', shape: [0], data: new Float32Array(0) }
  cursor.take(8) // the device it was saved from
  const dtype = reader.dtype()
  const lists = Array.from({ length: kind === ROW_SPARSE ? 1 : 2 }, () => {
    const type = reader.dtype()
    const sides = reader.shape()
    if ((type !== 'int64' && type !== 'int32') || sides.length !== 1)
      throw fail(`has places of ${type} [${sides.join(', ')}], not a list of whole numbers`)
    return { type, length: sides[0]! }
  })
  const size = itemSize(dtype)
  // A product of sides, one of them 0 and one of them huge, says nothing.
  const bytes = shape.reduce((product, side) => product * Math.max(side, 1), size)
  if (!reader.spend(bytes))
    throw fail(`is [${shape.join(', ')}], far beyond the file; make it dense where it was written`)
  const values = cursor.take(elements(stored) * size)
  const [first = [], second = []] = lists.map(({ type, length }) =>
    Array.from(dataOver(type, cursor.take(length * itemSize(type))) as Iterable<number>, Number),
  )
  const out = new Uint8Array(elements(shape) * size)
  const fits =
    kind === ROW_SPARSE
      ? placeRows(shape, stored, first, values, out)
      : placeCells(shape, stored, first, second, values, out, size)
  if (!fits) throw fail('has places that do not fit its shape')
  return { dtype, shape, data: dataOver(dtype, out) }
}

/** Rows of `values` go where `rows` says; false where that is nowhere. */
function placeRows(
  shape: readonly number[],
  stored: readonly number[],
  rows: readonly number[],
  values: Uint8Array,
  out: Uint8Array,
): boolean {
  const [count, ...rest] = stored
  if (count !== rows.length || rest.join() !== shape.slice(1).join()) return false
  if (!ascending(rows, shape[0]!)) return false
  const length = values.length / Math.max(rows.length, 1)
  for (const [i, row] of rows.entries())
    out.set(values.subarray(i * length, (i + 1) * length), row * length)
  return true
}

/** The values of row i stand from starts[i] to starts[i + 1]; false where that does not fit. */
function placeCells(
  shape: readonly number[],
  stored: readonly number[],
  starts: readonly number[],
  columns: readonly number[],
  values: Uint8Array,
  out: Uint8Array,
  size: number,
): boolean {
  const [height, width] = shape
  if (shape.length !== 2 || stored.length !== 1 || stored[0] !== columns.length) return false
  // A matrix that was never filled.
  if (starts.length === 0) return columns.length === 0
  if (starts.length !== height! + 1 || starts[0] !== 0 || starts[height!] !== columns.length)
    return false
  for (let row = 0; row < height!; row++) {
    const [from, end] = [starts[row]!, starts[row + 1]!]
    if (!(from <= end && end <= columns.length)) return false
    if (!ascending(columns.slice(from, end), width!)) return false
    for (let i = from; i < end; i++)
      out.set(values.subarray(i * size, (i + 1) * size), (row * width! + columns[i]!) * size)
  }
  return true
}

const ascending = (places: readonly number[], below: number): boolean =>
  places.every((place, i) => place > (places[i - 1] ?? -1) && place < below)
