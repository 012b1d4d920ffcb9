import { basename, extname } from 'node:path'
import { crc32 } from 'node:zlib'
import { DataError } from '../errors.js'
import { OutputFile } from '../files/write.js'
import { bytesOf, checkWeights, type Weight, type WeightDtype, type Weights } from './tensor.js'

const storageNames: Record<WeightDtype, string> = {
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
}

/** Larger files need 64-bit sizes in every header of the archive. */
const LARGEST = 2 ** 32 - 2 ** 20
const ALIGNMENT = 64
/** Sizes follow the data; names are UTF-8. */
const FLAGS = 0x0808
const BATCH = 1000

/**
 * Writes a state dict as `torch.save` does for an OrderedDict of contiguous CPU tensors: the bytes of PyTorch 1.13
 * (later versions add entries that readers do not need). `torch.load` reads it, also with `weights_only=True`.
 *
 * @throws DataError DATA_WRITE; DATA_OPTION for a shape that does not fit its values, and beyond 4 GiB
 */
export function writeTorch(path: string, weights: Weights): void {
  checkWeights(path, weights)
  const total = [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
  if (total > LARGEST)
    throw new DataError(
      'DATA_OPTION',
      `${path}: ${total} bytes of weights are more than this form holds (4 GiB). Write safetensors.`,
    )
  using file = new OutputFile(path)
  const archive = new StoredZip(file, basename(path, extname(path)))
  archive.add('data.pkl', pickleStateDict(weights))
  // torch.save sorts the keys as text.
  const keyed = [...weights.values()].map((weight, i) => [String(i), weight] as const)
  for (const [key, weight] of keyed.sort(([x], [y]) => (x < y ? -1 : 1)))
    archive.add(`data/${key}`, bytesOf(weight))
  archive.add('version', Buffer.from('3\n'))
  archive.end()
  file.commit()
}

/** data.pkl: protocol 2, as CPython's pickler writes it. */
function pickleStateDict(weights: Weights): Buffer {
  const out: Uint8Array[] = [Buffer.from('8002', 'hex')]
  const known = new Map<string, number>()
  let memo = 0
  const op = (text: string) => out.push(Buffer.from(text, 'latin1'))
  const u32 = (opcode: string, value: number) => {
    const bytes = Buffer.alloc(5)
    bytes.write(opcode, 'latin1')
    bytes.writeUInt32LE(value, 1)
    out.push(bytes)
  }
  const remember = () => {
    const index = memo++
    if (index < 256) out.push(Buffer.from([0x71, index]))
    else u32('r', index)
  }
  /** What Python holds once: written the first time, referred to later. */
  const once = (text: string, write: () => void) => {
    const index = known.get(text)
    if (index !== undefined) {
      if (index < 256) out.push(Buffer.from([0x68, index]))
      else u32('j', index)
      return
    }
    write()
    known.set(text, memo)
    remember()
  }
  const global = (module: string, name: string) =>
    once(`${module}.${name}`, () => op(`c${module}\n${name}\n`))
  const text = (value: string) => {
    const utf8 = Buffer.from(value)
    u32('X', utf8.length)
    out.push(utf8)
  }
  const constant = (value: string) => once(`"${value}"`, () => text(value))
  const fresh = (value: string) => {
    text(value)
    remember()
  }
  const tuple = (values: readonly number[]) => {
    if (values.length === 0) return op(')')
    if (values.length > 3) op('(')
    for (const value of values) out.push(integer(value))
    op(values.length > 3 ? 't' : String.fromCharCode(0x84 + values.length))
    remember()
  }
  const item = (name: string, { dtype, shape, data }: Weight, key: number) => {
    fresh(name)
    global('torch._utils', '_rebuild_tensor_v2')
    op('((')
    constant('storage')
    global('torch', storageNames[dtype])
    // CPython has one object for each text of one character.
    if (key < 10) constant(String(key))
    else fresh(String(key))
    constant('cpu')
    out.push(integer(data.length))
    op('t')
    remember()
    op('Q')
    out.push(integer(0))
    tuple(shape)
    tuple(shape.map((_, i) => shape.slice(i + 1).reduce((n, side) => n * Math.max(side, 1), 1)))
    op('\x89') // requires no gradient
    global('collections', 'OrderedDict')
    op(')R')
    remember()
    op('t')
    remember()
    op('R')
    remember()
  }

  global('collections', 'OrderedDict')
  op(')R')
  remember()
  const items = [...weights]
  for (let start = 0; start < items.length; start += BATCH) {
    const batch = items.slice(start, start + BATCH)
    if (batch.length > 1) op('(')
    batch.forEach(([name, weight], i) => {
      item(name, weight, start + i)
    })
    op(batch.length > 1 ? 'u' : 's')
  }
  op('.')
  return Buffer.concat(out)
}

/** The shortest opcode for a whole number from 0. */
function integer(value: number): Buffer {
  if (value < 2 ** 8) return Buffer.from([0x4b, value])
  if (value < 2 ** 16) return Buffer.from([0x4d, value & 255, value >> 8])
  if (value >= 2 ** 31) {
    // Little-endian two's complement, as short as can be.
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    const length = Math.floor(Math.log2(value) / 8 + 1 / 8) + 1
    return Buffer.concat([Buffer.from([0x8a, length]), bytes.subarray(0, length)])
  }
  const bytes = Buffer.alloc(5)
  bytes.write('J', 'latin1')
  bytes.writeInt32LE(value, 1)
  return bytes
}

/** A zip archive without compression, laid out as PyTorch's writer does: data begin at multiples of 64 bytes. */
class StoredZip {
  readonly #file: OutputFile
  readonly #root: string
  readonly #directory: Buffer[] = []

  constructor(file: OutputFile, root: string) {
    this.#file = file
    this.#root = root
  }

  add(name: string, data: Uint8Array): void {
    const path = Buffer.from(`${this.#root}/${name}`)
    const offset = this.#file.position
    const checksum = crc32(data)
    const start = offset + 30 + path.length + 4
    const padding = Buffer.alloc(4 + ((ALIGNMENT - (start % ALIGNMENT)) % ALIGNMENT), 'Z')
    padding.write('FB')
    padding.writeUInt16LE(padding.length - 4, 2)
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(FLAGS, 6)
    local.writeUInt16LE(path.length, 26)
    local.writeUInt16LE(padding.length, 28)
    this.#file.write(Buffer.concat([local, path, padding]))
    this.#file.write(data)
    const descriptor = Buffer.alloc(16)
    for (const [i, value] of [0x08074b50, checksum, data.length, data.length].entries())
      descriptor.writeUInt32LE(value, 4 * i)
    this.#file.write(descriptor)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50)
    central.writeUInt16LE(FLAGS, 8)
    central.writeUInt32LE(checksum, 16)
    central.writeUInt32LE(data.length, 20)
    central.writeUInt32LE(data.length, 24)
    central.writeUInt16LE(path.length, 28)
    central.writeUInt32LE(offset, 42)
    this.#directory.push(central, path)
  }

  /** The directory, in 64-bit form and in the old one. */
  end(): void {
    const offset = this.#file.position
    const directory = Buffer.concat(this.#directory)
    const count = this.#directory.length / 2
    const end = Buffer.alloc(56 + 20 + 22)
    end.writeUInt32LE(0x06064b50)
    end.writeBigUInt64LE(44n, 4)
    end.writeUInt16LE(0x031e, 12) // made by: as miniz writes
    end.writeUInt16LE(45, 14)
    for (const [i, value] of [count, count, directory.length, offset].entries())
      end.writeBigUInt64LE(BigInt(value), 24 + 8 * i)
    end.writeUInt32LE(0x07064b50, 56)
    end.writeBigUInt64LE(BigInt(offset + directory.length), 64)
    end.writeUInt32LE(1, 72)
    end.writeUInt32LE(0x06054b50, 76)
    end.writeUInt16LE(Math.min(count, 0xffff), 84)
    end.writeUInt16LE(Math.min(count, 0xffff), 86)
    end.writeUInt32LE(directory.length, 88)
    end.writeUInt32LE(offset, 92)
    this.#file.write(directory)
    this.#file.write(end)
  }
}
