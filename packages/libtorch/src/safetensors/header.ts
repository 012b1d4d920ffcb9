import { type DType, itemSize } from '../dtype.js'
import { broken, readAll, withFile } from './file.js'
import { dtypes, metadataKey } from './names.js'

const longestHeader = 100_000_000 // the reference implementation's own limit

interface Entry {
  dtype: DType
  shape: number[]
  /** First byte and byte after the last, from the start of the file. */
  start: number
  end: number
}

export interface SafetensorsHeader {
  tensors: Map<string, Entry>
  metadata: Record<string, string>
}

/** Names, dtypes and shapes of a file, without its values. @throws TORCH_SAFETENSORS, TORCH_FILE */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  return withFile(path, (file, size) => readHeader(path, file, size))
}

/** Of an open file of `size` bytes. */
export function readHeader(path: string, file: number, size: number): SafetensorsHeader {
  if (size < 8) throw broken(path, `${size} bytes`)
  const start = Buffer.alloc(8)
  readAll(path, file, start, 0)
  const length = Number(start.readBigUInt64LE())
  if (length > longestHeader || 8 + length > size)
    throw broken(path, `its header would be ${length} bytes of ${size}`)
  const text = Buffer.alloc(length)
  readAll(path, file, text, 8)
  let json: unknown
  try {
    json = JSON.parse(text.toString('utf8'))
  } catch {
    throw broken(path, 'its header is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw broken(path, 'its header is no object')
  const { [metadataKey]: metadata = {}, ...entries } = json as Record<string, unknown>
  if (!isText(metadata)) throw broken(path, 'its metadata is no object of strings')
  const tensors = new Map<string, Entry>()
  for (const [name, entry] of Object.entries(entries))
    tensors.set(name, readEntry(path, name, entry, 8 + length, size))
  // As the reference implementation: no byte belongs to two tensors or to none.
  let end = 8 + length
  const ordered = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  for (const [name, entry] of ordered) {
    if (entry.start !== end) throw broken(path, `${name} does not begin where the last tensor ends`)
    end = entry.end
  }
  if (end !== size) throw broken(path, `${size - end} bytes behind the last tensor`)
  return { tensors, metadata }
}

const isText = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string')

function readEntry(path: string, name: string, entry: unknown, base: number, size: number): Entry {
  const { dtype: type, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
  const dtype = typeof type === 'string' ? dtypes.get(type) : undefined
  if (!dtype) throw broken(path, `${name} has the dtype ${String(type)}`)
  const natural = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= 0
  if (!Array.isArray(shape) || !shape.every(natural)) throw broken(path, `${name} has no shape`)
  if (!Number.isSafeInteger(shape.reduce((product, side) => product * (side || 1), 8)))
    throw broken(path, `${name} is [${shape.join(', ')}]`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural))
    throw broken(path, `${name} has no offsets`)
  const [from, until] = offsets as [number, number]
  const wanted = shape.reduce((product, side) => product * side, itemSize[dtype])
  if (until - from !== wanted || base + until > size)
    throw broken(
      path,
      `${name} wants ${wanted} bytes, the file has ${Math.max(0, Math.min(until, size - base) - from)}`,
    )
  return { dtype, shape, start: base + from, end: base + until }
}
