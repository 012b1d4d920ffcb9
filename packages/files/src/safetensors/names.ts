import { FilesError } from '../errors.js'
import type { Dtype } from './dtype.js'

/** What the format calls element types, in the order in which the reference implementation writes them: the widest first. */
export const names: Readonly<Record<Dtype, string>> = {
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

export const METADATA = '__metadata__'

export const broken = (path: string, why: string) =>
  new FilesError('FILES_SAFETENSORS', `${path} is no whole safetensors file: ${why}.`, {
    hint: 'Copy the file again, or take an earlier one.',
  })
