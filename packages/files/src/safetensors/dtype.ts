/** Element types, by PyTorch's names. */
export type Dtype =
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

/** Arrays that hold a tensor's values. `float16` and `bfloat16` travel as their bits, `bool` as 0 and 1. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array

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
export const itemSize = (dtype: Dtype): number => arrays[dtype].BYTES_PER_ELEMENT

/** A new array over `buffer` that holds values of `dtype`. */
export const arrayOver = (dtype: Dtype, buffer: ArrayBuffer): TypedArray =>
  new arrays[dtype](buffer)
