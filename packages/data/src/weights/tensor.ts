import { constants } from 'node:buffer'
import { statSync } from 'node:fs'
import { InputFile } from '@arcface/files'
import { whatIsIt } from '@arcface/onnx'
import { DataError } from '../errors.js'

/** Element types, by PyTorch's names. */
export type WeightDtype =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool'

/** Values of a tensor; `float16` and `bfloat16` travel as their bits, `bool` as 0 and 1. */
export type WeightData =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array

/** A tensor in row-major order. */
export interface Weight {
  dtype: WeightDtype
  shape: readonly number[]
  data: WeightData
}

/** Tensors by name, in the file's order. */
export type Weights = Map<string, Weight>

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
}

/** Bytes of one element. */
export const itemSize = (dtype: WeightDtype): number => arrays[dtype].BYTES_PER_ELEMENT

/** The values that lie in `bytes`: a copy, for the bytes of a file need not be aligned. */
export function dataOver(dtype: WeightDtype, bytes: Uint8Array): WeightData {
  const { buffer } = Uint8Array.from(bytes)
  return new arrays[dtype](buffer)
}

/** The bytes of a tensor, as a view. */
export const bytesOf = ({ data }: Weight): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Sides of a hostile file may be so large that their product is infinite, and that times 0 no number. */
export const elements = (shape: readonly number[]): number =>
  shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1)

export const weightsError = (path: string, why: string, cause?: unknown) =>
  new DataError(
    'DATA_WEIGHTS',
    `${path} holds no weights that can be read: ${why}. Copy or convert the file again.`,
    { cause },
  )

/**
 * That a file does not begin as one of another kind; what cannot be opened is left to its reader.
 * @throws DataError DATA_WEIGHTS
 */
export function refuseOther(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return
  using file = new InputFile(path)
  const what = whatIsIt(file.read(0, 512))
  if (what !== undefined) throw new DataError('DATA_WEIGHTS', `${path} is ${what}.`)
}

/** @throws DataError DATA_OPTION where a shape and its values do not fit, or values are beyond a view of bytes */
export function checkWeights(path: string, weights: Weights): void {
  for (const [name, { shape, data }] of weights) {
    if (data.byteLength > constants.MAX_LENGTH)
      throw new DataError(
        'DATA_OPTION',
        `${path}: ${name} has ${data.byteLength} bytes; one tensor may have ${constants.MAX_LENGTH} in this Node.`,
      )
    if (elements(shape) !== data.length)
      throw new DataError(
        'DATA_OPTION',
        `${path}: ${name} is [${shape.join(', ')}], but has ${data.length} values.`,
      )
  }
}
