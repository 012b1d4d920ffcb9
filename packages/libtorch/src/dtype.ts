/** Element types, by PyTorch's names. */
export type DType =
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

/** Arrays that hold a tensor's values. `float16` and `bfloat16` travel as their bits. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array

export type MemoryFormat = 'contiguous_format' | 'channels_last' | 'preserve_format'

/** Bytes of one element. */
export const itemSize: Record<DType, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
}

/** A new array over `buffer` that holds values of `dtype`. */
export function arrayOver(dtype: DType, buffer: ArrayBuffer): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer)
    case 'float64':
      return new Float64Array(buffer)
    case 'float16':
    case 'bfloat16':
      return new Uint16Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'int16':
      return new Int16Array(buffer)
    case 'int8':
      return new Int8Array(buffer)
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer)
  }
}

/** The dtype whose values an array holds when nobody says otherwise. */
export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Int16Array) return 'int16'
  if (data instanceof Int8Array) return 'int8'
  if (data instanceof Uint16Array) return 'float16'
  return 'uint8'
}
