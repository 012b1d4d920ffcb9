import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { ModelProtoSchema } from '../generated/onnx_pb.js'

// Bytes of memory when protocol buffers are parsed into objects, measured in Node and rounded up: an empty node, two
// bytes of a file, becomes an object with lists of its own.
const MESSAGE = 400
const FIELD = 200
const NUMBER = 16
const BIG_NUMBER = 40

/** What any model may take, beside four times its file: as much as weights in `float_data` take. */
const FREE = 2 ** 28
const DEEPEST = 100

/**
 * Whether parsing a model would take memory out of proportion to its file. Walks over the fields and makes nothing;
 * weights in `raw_data` are passed over in one step.
 *
 * @throws Error where the bytes are no message
 */
export function outgrows(bytes: Uint8Array): boolean {
  const walk = { reader: new BinaryReader(bytes), left: 4 * bytes.length + FREE }
  message(walk, bytes.length, ModelProtoSchema, 0)
  return walk.left < 0
}

interface Walk {
  readonly reader: BinaryReader
  left: number
}

function message(walk: Walk, end: number, { fields }: DescMessage, depth: number): void {
  const { reader } = walk
  if (depth > DEEPEST || end > reader.len) throw new Error('nested too deep, or cut short')
  const byNumber = new Map(fields.map((field) => [field.number, field]))
  while (reader.pos < end && walk.left >= 0) {
    const [number, wireType] = reader.tag()
    const field = byNumber.get(number)
    if (field?.message && wireType === WireType.LengthDelimited) {
      walk.left -= MESSAGE
      const length = reader.uint32()
      message(walk, reader.pos + length, field.message, depth + 1)
    } else walk.left -= FIELD + numbers(field, reader.skip(wireType, number))
  }
}

/** What a packed list of numbers takes; texts and bytes are about as long as in the file. */
function numbers(field: DescField | undefined, bytes: Uint8Array): number {
  if (field?.fieldKind !== 'list' || field.listKind !== 'scalar') return 0
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 0
    case ScalarType.FLOAT:
      return (NUMBER * bytes.length) / 4
    case ScalarType.DOUBLE:
      return (NUMBER * bytes.length) / 8
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return BIG_NUMBER * varints(bytes)
    default:
      return NUMBER * varints(bytes)
  }
}

/** Each ends with a byte below 128. */
function varints(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte < 128) count++
  return count
}
