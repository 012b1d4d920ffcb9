import type { InputFile } from '../read/read.js'
import { type Dtype, itemSize } from './dtype.js'
import { broken, METADATA, names } from './names.js'

/** The reference implementation's own limit, in bytes. */
const LONGEST = 100_000_000

export interface SafetensorsEntry {
  dtype: Dtype
  shape: number[]
  /** First byte and byte after the last, from the start of the file. */
  start: number
  end: number
}

export interface SafetensorsHeader {
  /** Those of a dtype that is known here. */
  tensors: Map<string, SafetensorsEntry>
  /** Names of the others, with their dtypes, which are passed over. */
  others: Map<string, string>
  metadata: Record<string, string>
}

/**
 * Names, dtypes, shapes and places of the tensors in a file of Hugging Face's safetensors. As with the reference
 * implementation no byte belongs to two tensors or to none.
 * @throws FilesError FILES_SAFETENSORS for a truncated or broken file, FILES_READ
 */
export function readSafetensorsHeader(file: InputFile): SafetensorsHeader {
  const { path, size } = file
  if (size < 8) throw broken(path, `it has ${size} bytes`)
  const length = Number(file.read(0, 8).readBigUInt64LE())
  if (length > LONGEST || 8 + length > size)
    throw broken(path, `its header would be ${length} bytes of ${size}`)
  let json: unknown
  try {
    json = JSON.parse(file.read(8, length).toString('utf8'))
  } catch {
    throw broken(path, 'its header is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw broken(path, 'its header is no object')
  const { [METADATA]: metadata = {}, ...entries } = json as Record<string, unknown>
  if (!isText(metadata)) throw broken(path, 'its metadata is no object of strings')
  const all = Object.entries(entries).map(
    ([name, entry]) => [name, readEntry(path, name, entry, 8 + length, size)] as const,
  )
  let end = 8 + length
  const ordered = [...all].sort(([, a], [, b]) => a.start - b.start || a.end - b.end)
  for (const [name, entry] of ordered) {
    if (entry.start !== end) throw broken(path, `${name} does not begin where the last tensor ends`)
    end = entry.end
  }
  if (end !== size) throw broken(path, `${size - end} bytes lie behind the last tensor`)
  const tensors = new Map<string, SafetensorsEntry>()
  const others = new Map<string, string>()
  for (const [name, { type, dtype, ...entry }] of all)
    if (dtype === undefined) others.set(name, type)
    else tensors.set(name, { dtype, ...entry })
  return { tensors, others, metadata }
}

const isText = (value: unknown): value is Record<string, string> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string')

interface AnyEntry extends Omit<SafetensorsEntry, 'dtype'> {
  /** As the file calls it. */
  type: string
  dtype: Dtype | undefined
}

const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as Dtype]))

/** Bits of an element of the other types of the format (safetensors 0.7, `Dtype`). */
const otherBits = new Map(
  Object.entries({
    F4: 4,
    F6_E2M3: 6,
    F6_E3M2: 6,
    F8_E4M3: 8,
    F8_E5M2: 8,
    F8_E8M0: 8,
    F8_E4M3FNUZ: 8,
    F8_E5M2FNUZ: 8,
    U16: 16,
    U32: 32,
    U64: 64,
    C64: 64,
  }),
)

function readEntry(
  path: string,
  name: string,
  entry: unknown,
  base: number,
  size: number,
): AnyEntry {
  const { dtype: type, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>
  const dtype = typeof type === 'string' ? dtypes.get(type) : undefined
  const bits = dtype ? 8 * itemSize(dtype) : otherBits.get(String(type))
  if (typeof type !== 'string' || bits === undefined)
    throw broken(path, `${name} has the dtype ${JSON.stringify(type)}`)
  const natural = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= 0
  if (!Array.isArray(shape) || !shape.every(natural)) throw broken(path, `${name} has no shape`)
  if (!Number.isSafeInteger(shape.reduce((product, side) => product * (side || 1), bits)))
    throw broken(path, `${name} is [${shape.join(', ')}]`)
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural))
    throw broken(path, `${name} has no offsets`)
  const [from, until] = offsets as [number, number]
  const wanted = Math.ceil(shape.reduce((product, side) => product * side, bits) / 8)
  if (until - from !== wanted || base + until > size)
    throw broken(
      path,
      `${name} wants ${wanted} bytes, the file has ${Math.max(0, Math.min(until, size - base) - from)}`,
    )
  return { type, dtype, shape, start: base + from, end: base + until }
}
