import { basename, extname } from 'node:path'
import { type Dtype, OutputFile, StoredZip, type ZipSink } from '@arcface/files'
import { bytesOf, checkWeights, type Weight, type Weights } from './tensor.js'

const storageNames: Record<Dtype, string> = {
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

const BATCH = 1000

/**
 * Writes a state dict as `torch.save` does for an OrderedDict of contiguous CPU tensors: the bytes of PyTorch 1.13
 * (later versions add entries that readers do not need). `torch.load` reads it, also with `weights_only=True`.
 *
 * @throws FilesError FILES_WRITE; DataError DATA_OPTION for a shape that does not fit its values
 */
export function writeTorch(path: string, weights: Weights): void {
  checkWeights(path, weights)
  using file = new OutputFile(path)
  writeArchive(file, basename(path, extname(path)), weights)
  file.commit()
}

/** The archive itself, whose entries are in a folder `root`. */
export function writeArchive(sink: ZipSink, root: string, weights: Weights): void {
  const archive = new StoredZip(sink, root)
  archive.add('data.pkl', pickleStateDict(weights))
  // torch.save sorts the keys as text.
  const keyed = [...weights.values()].map((weight, i) => [String(i), weight] as const)
  for (const [key, weight] of keyed.sort(([x], [y]) => (x < y ? -1 : 1)))
    archive.add(`data/${key}`, bytesOf(weight))
  archive.add('version', Buffer.from('3\n'))
  archive.end()
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
