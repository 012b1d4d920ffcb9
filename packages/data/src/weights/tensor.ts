import { constants } from 'node:buffer'
import { statSync } from 'node:fs'
import { arrayOver, type Dtype, InputFile, type TypedArray } from '@arcface/files'
import { whatIsIt } from '@arcface/onnx'
import { DataError } from '../errors.js'

/** A tensor in row-major order. */
export interface Weight {
  dtype: Dtype
  shape: readonly number[]
  data: TypedArray
}

/** Tensors by name, in the file's order. */
export type Weights = Map<string, Weight>

/** The values that lie in `bytes`: a copy, for the bytes of a file need not be aligned. */
export const dataOver = (dtype: Dtype, bytes: Uint8Array): TypedArray =>
  arrayOver(dtype, Uint8Array.from(bytes).buffer)

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
