import { FilesError } from '../errors.js'
import { type Dtype, itemSize } from './dtype.js'
import { METADATA, names } from './names.js'

/** A tensor that is to be written. */
export interface Described {
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

/**
 * What a file of Hugging Face's safetensors begins with: the length of its header and the header. The values follow in the
 * order of `ordered`, row-major and little-endian; the bytes are then those of the reference implementation.
 * @throws FilesError FILES_SAFETENSORS for a dtype or a name that the format cannot hold
 */
export function safetensorsHead<T extends Described>(
  tensors: Iterable<readonly [string, T]>,
  metadata: Readonly<Record<string, string>> = {},
): { head: Buffer; ordered: T[] } {
  const header: string[] = []
  const describe = (name: string, entry: unknown) =>
    header.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`)
  if (Object.keys(metadata).length > 0) describe(METADATA, metadata)
  const ordered = [...tensors].sort(inFile)
  let offset = 0
  for (const [name, { dtype, shape }] of ordered) {
    if (name === METADATA || !names[dtype])
      throw new FilesError(
        'FILES_SAFETENSORS',
        `safetensors hold no tensor called ${name} of dtype ${dtype}; ${Object.keys(names).length} dtypes are known, ${METADATA} is taken.`,
      )
    const end = offset + shape.reduce((product, side) => product * side, itemSize(dtype))
    describe(name, { dtype: names[dtype], shape, data_offsets: [offset, end] })
    offset = end
  }
  const json = Buffer.from(`{${header.join(',')}}`)
  const length = Math.ceil(json.length / 8) * 8
  const head = Buffer.alloc(8 + length, ' ')
  head.writeBigUInt64LE(BigInt(length))
  json.copy(head, 8)
  return { head, ordered: ordered.map(([, one]) => one) }
}

/** By dtype, then by the bytes of the name. */
function inFile(
  [name, { dtype }]: readonly [string, Described],
  [other, second]: readonly [string, Described],
): number {
  const order = Object.keys(names)
  const byDtype = order.indexOf(dtype) - order.indexOf(second.dtype)
  return byDtype || Buffer.compare(Buffer.from(name), Buffer.from(other))
}
