import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { arrayOver, type DType, itemSize, type TypedArray } from './dtype.js'
import { TorchError } from './errors.js'
import { contiguous, to } from './generated/ops.js'
import { scope, type Tensor, tensor } from './tensor.js'

/** In the order in which the reference implementation writes them: the widest first. */
const names: Record<DType, string> = {
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
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DType]))
const metadataKey = '__metadata__'
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

/**
 * Writes named tensors to a temporary file beside `path`, flushes it and renames it: whoever reads `path`
 * sees the old file or the whole new one. The bytes are those of Hugging Face's safetensors.
 * @throws TorchError TORCH_DISK_FULL or TORCH_FILE, TORCH_ARGUMENT for what the format cannot hold; the old
 * file stays
 */
export function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): void {
  const { head, ordered } = layOut(path, tensors, metadata)
  const temporary = `${path}.${process.pid}.tmp`
  let file: number | undefined
  try {
    file = openSync(temporary, 'w')
    writeAll(file, head)
    for (const one of ordered) writeTensor(file, one)
    fsyncSync(file)
    closeSync(file)
    file = undefined
    renameSync(temporary, path)
  } catch (cause) {
    if (file !== undefined) closeSync(file)
    rmSync(temporary, { force: true })
    throw writeError(path, cause)
  }
}

/** Bytes from which on a tensor is not copied: what that costs is what writing it into the system's cache does. */
const LARGE = 2 ** 26

/**
 * As `saveSafetensors`, beside the work of the caller's thread. The values are copied, those of large tensors written,
 * before this returns: the tensors may then change.
 */
export async function saveSafetensorsAsync(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  const { head, ordered } = layOut(path, tensors, metadata)
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const stretches = writeLarge(temporary, head, ordered)
    await writeFlushed(temporary, stretches)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    throw writeError(path, cause)
  }
}

/** Bytes that follow each other in a file, from a position on. */
interface Stretch {
  at: number
  parts: Uint8Array[]
}

/** Makes the file with the large tensors at their places; gives copies of what is to be written around them. */
function writeLarge(path: string, head: Uint8Array, ordered: readonly Tensor[]): Stretch[] {
  const file = openSync(path, 'w')
  try {
    let stretch: Stretch = { at: 0, parts: [head] }
    const stretches = [stretch]
    let position = head.length
    for (const one of ordered) {
      const size = one.size * itemSize[one.dtype]
      if (size < LARGE) stretch.parts.push(bytesOf(one.toTypedArray()))
      else {
        writeTensor(file, one, position)
        stretch = { at: position + size, parts: [] }
        stretches.push(stretch)
      }
      position += size
    }
    return stretches
  } finally {
    closeSync(file)
  }
}

async function writeFlushed(path: string, stretches: readonly Stretch[]): Promise<void> {
  const file = await open(path, 'r+')
  try {
    for (const stretch of stretches) await writeStretch(file, stretch)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** In few calls: each waits for the caller's event loop, which a training step holds up. */
async function writeStretch(file: FileHandle, { at, parts }: Stretch): Promise<void> {
  let position = at
  let rest = parts.filter(({ length }) => length > 0)
  while (rest.length > 0) {
    let { bytesWritten: done } = await file.writev(rest, position)
    position += done
    const next = rest.findIndex(({ length }) => {
      if (done < length) return true
      done -= length
      return false
    })
    rest = next < 0 ? [] : [rest[next]!.subarray(done), ...rest.slice(next + 1)]
  }
}

/** The length of the header and the header, and the tensors in the order of their bytes. */
function layOut(
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

function writeError(path: string, cause: unknown): TorchError {
  if (cause instanceof TorchError) return cause
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new TorchError(
      'TORCH_DISK_FULL',
      `${path}: the disk is full; free some space and save again. What was there before is untouched.`,
      { cause },
    )
  return new TorchError('TORCH_FILE', `${path}: cannot be written (${message})`, { cause })
}

/** By dtype, then by the bytes of the name. */
function inFile([name, { dtype }]: [string, Tensor], [other, second]: [string, Tensor]): number {
  const order = Object.keys(names)
  const byDType = order.indexOf(dtype) - order.indexOf(second.dtype)
  return byDType || Buffer.compare(Buffer.from(name), Buffer.from(other))
}

/** At a position, or where the last write ended. */
function writeTensor(file: number, one: Tensor, position: number | null = null): void {
  scope(() => {
    writeAll(file, bytesOf(contiguous(to(one, 'cpu', one.dtype)).asTypedArray()), position)
  })
}

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

function writeAll(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    const at = position === null ? null : position + done
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30), at)
  }
}

/** Names, dtypes and shapes of a file, without its values. @throws TORCH_SAFETENSORS, TORCH_FILE */
export function readSafetensorsHeader(path: string): SafetensorsHeader {
  return withFile(path, (file, size) => readHeader(path, file, size))
}

/**
 * All tensors of a file, on the CPU. @throws TorchError TORCH_SAFETENSORS for a truncated or broken file
 */
export function loadSafetensors(path: string): Map<string, Tensor> {
  return withFile(path, (file, size) => {
    const { tensors } = readHeader(path, file, size)
    const loaded = new Map<string, Tensor>()
    for (const [name, { dtype, shape, start, end }] of tensors) {
      const buffer = allocate(path, name, end - start)
      readAll(path, file, new Uint8Array(buffer), start)
      loaded.set(name, tensor(arrayOver(dtype, buffer), shape, { dtype, share: true }))
    }
    return loaded
  })
}

function allocate(path: string, name: string, bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes)
  } catch (cause) {
    throw new TorchError(
      'TORCH_SAFETENSORS',
      `${path}: ${name} has ${bytes} bytes, more than the memory of this machine holds`,
      { cause },
    )
  }
}

function withFile<T>(path: string, body: (file: number, size: number) => T): T {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    return body(file, fstatSync(file).size)
  } catch (cause) {
    if (cause instanceof TorchError) throw cause
    throw new TorchError('TORCH_FILE', `${path}: cannot be read (${(cause as Error).message})`, {
      cause,
    })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function broken(path: string, why: string): TorchError {
  return new TorchError(
    'TORCH_SAFETENSORS',
    `${path}: no whole safetensors file (${why}). Take an earlier checkpoint or copy the file again.`,
  )
}

function readAll(path: string, file: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length; ) {
    const got = readSync(file, into, done, Math.min(into.length - done, 1 << 30), position + done)
    if (got === 0) throw broken(path, 'it ends early')
    done += got
  }
}

function readHeader(path: string, file: number, size: number): SafetensorsHeader {
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
