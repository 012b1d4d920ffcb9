import { Cursor, type Dtype, itemSize, OutputFile, readWhole } from '@arcface/files'
import { DataError } from '../errors.js'
import { type ArrayReader, CSR, mostZeros, ROW_SPARSE, readSparse } from './mxnet-sparse.js'
import {
  bytesOf,
  checkWeights,
  dataOver,
  elements,
  refuseOther,
  type Weight,
  type Weights,
  weightsError,
} from './tensor.js'

// MXNet, src/ndarray/ndarray.cc: NDArray::Save and Load, LegacyLoad; type flags of mshadow/base.h.

const LIST = 0x112
const V1 = 0xf993fac8
const V2 = 0xf993fac9
const V3 = 0xf993faca
const MOST_DIMENSIONS = 32
const MOST_ARRAYS = 1_000_000

const dtypes: readonly (Dtype | undefined)[] = [
  'float32',
  'float64',
  'float16',
  'uint8',
  'int32',
  'int8',
  'int64',
  'bool',
  'int16',
  undefined,
  undefined,
  undefined,
  'bfloat16',
]

/**
 * Reads MXNet's `.params`: arrays with names, as `arg:conv0_weight` and `aux:bn0_moving_mean`, of every version of the
 * format. The names are kept as they are; arrays without names are called 0, 1, 2, ... Sparse arrays (row_sparse, csr)
 * come dense.
 *
 * @throws FilesError FILES_READ; DataError DATA_WEIGHTS
 */
export function readParams(path: string): Weights {
  refuseOther(path)
  const cursor = new Cursor(readWhole(path), (why) => weightsError(path, why))
  if (cursor.left < 16 || cursor.u64() !== LIST)
    throw weightsError(path, 'it does not begin as a .params file')
  cursor.u64()
  const count = cursor.u64()
  // The shortest array is 4 bytes long, and costs some hundred in memory.
  if (count * 4 > cursor.left || count > MOST_ARRAYS)
    throw weightsError(path, `it announces ${count} arrays`)
  const zeros = { left: mostZeros(cursor.bytes.length) }
  const arrays = Array.from({ length: count }, (_, i) => readArray(path, cursor, zeros, i))
  const named = cursor.u64()
  if (named !== 0 && named !== count)
    throw weightsError(path, `${named} names are not one for each of ${count} arrays`)
  const weights: Weights = new Map()
  arrays.forEach((array, i) => {
    const name = named === 0 ? String(i) : cursor.take(cursor.u64()).toString('utf8')
    if (weights.has(name)) throw weightsError(path, `two arrays are called ${name}`)
    weights.set(name, array)
  })
  if (cursor.left > 0) throw weightsError(path, `${cursor.left} bytes stand behind the last name`)
  return weights
}

function readArray(path: string, cursor: Cursor, zeros: { left: number }, index: number): Weight {
  const first = cursor.u32()
  const modern = first === V2 || first === V3
  const wide = modern || first === V1
  const reader: ArrayReader = {
    cursor,
    spend: (bytes) => {
      zeros.left -= bytes
      return zeros.left >= 0
    },
    fail: (why) => weightsError(path, `array ${index} ${why}`),
    shape() {
      const dimensions = wide ? cursor.u32() : first
      if (dimensions > MOST_DIMENSIONS) throw reader.fail(`has ${dimensions} dimensions`)
      const shape = Array.from({ length: dimensions }, () => (wide ? cursor.i64() : cursor.u32()))
      if (shape.some((side) => side < 0)) throw reader.fail(`is [${shape.join(', ')}]`)
      return shape
    },
    dtype() {
      const flag = cursor.i32()
      const dtype = dtypes[flag]
      if (dtype === undefined) throw reader.fail(`has the unknown type ${flag}`)
      return dtype
    },
  }
  const storage = modern ? cursor.i32() : 0
  if (storage === ROW_SPARSE || storage === CSR) return readSparse(storage, reader)
  if (storage > CSR) throw reader.fail(`is stored in an unknown way, ${storage}`)
  return readDense(reader, first === V3)
}

function readDense({ cursor, fail, ...reader }: ArrayReader, scalars: boolean): Weight {
  const shape = reader.shape()
  // An array of no dimensions is one that was never filled, except in version 3.
  if (shape.length === 0 && !scalars)
    return { dtype: 'float32', shape: [0], data: new Float32Array(0) }
  cursor.take(8) // the device it was saved from
  const dtype = reader.dtype()
  const bytes = elements(shape) * itemSize(dtype)
  if (bytes > cursor.left)
    throw fail(`is [${shape.join(', ')}] of ${dtype}, but only ${cursor.left} bytes follow`)
  return { dtype, shape, data: dataOver(dtype, cursor.take(bytes)) }
}

/**
 * Writes `.params` as MXNet 1.x does (arrays of version 2, on the CPU): the same bytes.
 *
 * @throws FilesError FILES_WRITE; DataError DATA_OPTION for a shape that does not fit its values or has no dimension
 */
export function writeParams(path: string, weights: Weights): void {
  checkWeights(path, weights)
  for (const [name, { shape }] of weights)
    if (shape.length === 0)
      throw new DataError(
        'DATA_OPTION',
        `${path}: ${name} has no dimension, which .params cannot hold; make it [1].`,
      )
  using file = new OutputFile(path)
  file.write(u64(LIST, 0, weights.size))
  for (const weight of weights.values()) {
    const { shape, dtype } = weight
    const header = Buffer.alloc(12)
    header.writeUInt32LE(V2)
    header.writeUInt32LE(shape.length, 8)
    file.write(header)
    file.write(u64(...shape))
    const place = Buffer.alloc(12)
    place.writeInt32LE(1)
    place.writeInt32LE(dtypes.indexOf(dtype), 8)
    file.write(place)
    file.write(bytesOf(weight))
  }
  file.write(u64(weights.size))
  for (const name of weights.keys()) {
    const text = Buffer.from(name)
    file.write(u64(text.length))
    file.write(text)
  }
  file.commit()
}

function u64(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, i) => {
    bytes.writeBigUInt64LE(BigInt(value), 8 * i)
  })
  return bytes
}
