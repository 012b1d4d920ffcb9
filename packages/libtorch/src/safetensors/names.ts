import type { DType } from '../dtype.js'

/** In the order in which the reference implementation writes them: the widest first. */
export const names: Record<DType, string> = {
  int64: 'I64',
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  bfloat16: 'BF16',
  float16: 'F16',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
}
export const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]))
export const metadataKey = '__metadata__'
