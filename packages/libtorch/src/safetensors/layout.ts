import { itemSize } from '../dtype.js'
import { TorchError } from '../errors.js'
import type { Tensor } from '../tensor.js'
import { dtypes, metadataKey, names } from './names.js'

/** The length of the header and the header, and the tensors in the order of their bytes. */
export function layOut(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string>,
): { head: Buffer; ordered: Tensor[] } {
  const header: string[] = []
  const describe = (name: string, entry: unknown) =>
    header.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`)
  if (Object.keys(metadata).length > 0) describe(metadataKey, metadata)
  const ordered = [...tensors].sort(inFile)
  let offset = 0
  for (const [name, { dtype, shape, size }] of ordered) {
    if (name === metadataKey || !names[dtype])
      throw new TorchError(
        'TORCH_ARGUMENT',
        `${path}: safetensors hold no tensor called ${name} of dtype ${dtype}; ${dtypes.size} dtypes are known, ${metadataKey} is taken`,
      )
    const end = offset + size * itemSize[dtype]
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
function inFile([name, { dtype }]: [string, Tensor], [other, second]: [string, Tensor]): number {
  const order = Object.keys(names)
  const byDType = order.indexOf(dtype) - order.indexOf(second.dtype)
  return byDType || Buffer.compare(Buffer.from(name), Buffer.from(other))
}
