import type { Dtype as DType, TypedArray } from '@arcface/files'

export { arrayOver, type Dtype as DType, itemSize, type TypedArray } from '@arcface/files'

export type MemoryFormat = 'contiguous_format' | 'channels_last' | 'preserve_format'

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
