import { OnnxError } from '../errors.js'
import { type TensorProto, TensorProto_DataType } from '../generated/onnx_pb.js'

const {
  BFLOAT16,
  BOOL,
  DOUBLE,
  FLOAT,
  FLOAT16,
  INT8,
  INT16,
  INT32,
  INT64,
  UINT8,
  UINT16,
  UINT32,
  UINT64,
} = TensorProto_DataType

/**
 * The numbers of a tensor in a file, row-major, a copy: float32 for all kinds of floats (a float64 is rounded), int64 for
 * integers and for true and false (1 and 0), whichever way the file holds them.
 *
 * @throws OnnxError ONNX_NOT_A_MODEL where it holds more or fewer numbers than its shape says, or is of another type
 */
export function numbersOf(tensor: TensorProto): Float32Array | BigInt64Array {
  const { name, dims, dataType } = tensor
  const decoder = decoders[dataType]
  if (!decoder)
    throw new OnnxError(
      'ONNX_NOT_A_MODEL',
      `the tensor "${name}" is of type ${TensorProto_DataType[dataType] ?? dataType}, which holds no numbers`,
    )
  const wanted = dims.reduce((product, side) => product * side, 1n)
  const raw = tensor.rawData.length > 0
  const bytes = tensor.rawData.length
  const held = raw ? bytes / decoder.bytes : decoder.field(tensor).length
  if (dims.some((side) => side < 0n) || !Number.isInteger(held) || wanted !== BigInt(held))
    throw new OnnxError(
      'ONNX_NOT_A_MODEL',
      `the tensor "${name}" of shape [${dims.join(', ')}] holds ${raw ? `${bytes} bytes` : `${held} numbers`}`,
    )
  // A copy begins where a number may.
  return raw ? decoder.fromBytes(new Uint8Array(tensor.rawData)) : decoder.fromField(tensor)
}

interface Decoder {
  readonly bytes: number
  /** Where a tensor holds its numbers if not as bytes. */
  field(tensor: TensorProto): readonly (number | bigint)[]
  fromBytes(copy: Uint8Array): Float32Array | BigInt64Array
  fromField(tensor: TensorProto): Float32Array | BigInt64Array
}

type Field = 'floatData' | 'int32Data' | 'int64Data' | 'doubleData' | 'uint64Data'
type View = { new (buffer: ArrayBufferLike): ArrayLike<number | bigint>; BYTES_PER_ELEMENT: number }

const integers = (View: View, field: Field): Decoder => ({
  bytes: View.BYTES_PER_ELEMENT,
  field: (tensor) => tensor[field],
  fromBytes: ({ buffer }) => BigInt64Array.from(new View(buffer) as ArrayLike<number>, BigInt),
  fromField: (tensor) => BigInt64Array.from(tensor[field] as number[], BigInt),
})

/** @param read makes the number of what is stored, where that is no number by itself */
const floats = (View: View, field: Field, read = (stored: number) => stored): Decoder => ({
  bytes: View.BYTES_PER_ELEMENT,
  field: (tensor) => tensor[field],
  fromBytes: ({ buffer }) => Float32Array.from(new View(buffer) as ArrayLike<number>, read),
  fromField: (tensor) => Float32Array.from(tensor[field] as number[], read),
})

const decoders: Partial<Record<number, Decoder>> = {
  [FLOAT]: {
    ...floats(Float32Array, 'floatData'),
    fromBytes: ({ buffer }) => new Float32Array(buffer),
  },
  [DOUBLE]: floats(Float64Array, 'doubleData'),
  [FLOAT16]: floats(Uint16Array, 'int32Data', fromHalf),
  [BFLOAT16]: floats(Uint16Array, 'int32Data', fromBrainFloat),
  [INT64]: integers(BigInt64Array, 'int64Data'),
  [UINT64]: integers(BigUint64Array, 'uint64Data'),
  [UINT32]: integers(Uint32Array, 'uint64Data'),
  [INT32]: integers(Int32Array, 'int32Data'),
  [INT16]: integers(Int16Array, 'int32Data'),
  [UINT16]: integers(Uint16Array, 'int32Data'),
  [INT8]: integers(Int8Array, 'int32Data'),
  [UINT8]: integers(Uint8Array, 'int32Data'),
  [BOOL]: integers(Uint8Array, 'int32Data'),
}

/** IEEE 754 half precision: a sign, 5 bits of exponent, 10 of fraction. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The upper half of a float32. */
function fromBrainFloat(bits: number): number {
  word[0] = bits << 16
  return single[0] as number
}
const word = new Uint32Array(1)
const single = new Float32Array(word.buffer)
