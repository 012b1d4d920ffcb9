import { type Budget, Buildable, Global, globals, Malformed, naturals, textOf } from './value.js'

/** An element type of numpy: kind b (bool), i, u or f; bytes an element; byte order. */
class NumpyDtype extends Buildable {
  readonly kind: string
  readonly size: number
  bigEndian = false

  constructor(descriptor: string) {
    super()
    const [, order = '', kind = '', size = ''] =
      /^([<>=|]?)([biuf])([1248])$/.exec(descriptor) ?? []
    const possible = kind === 'b' ? size === '1' : kind === 'f' ? size !== '1' : kind !== ''
    if (!possible) throw new Malformed(`numpy's dtype ${descriptor.slice(0, 20)} is not supported`)
    this.kind = kind
    this.size = Number(size)
    this.bigEndian = order === '>'
  }

  /** `(version, byte order, ...)`, the rest only for records and the like. */
  build(state: unknown): void {
    const order = Array.isArray(state) ? textOf(state[1]) : ''
    if (!/^[<>=|]$/.test(order)) throw new Malformed("the state of numpy's dtype is broken")
    this.bigEndian = order === '>'
  }

  /** As it is now: the pickle may give it another byte order later. */
  copy(): NumpyDtype {
    return Object.assign(Object.create(NumpyDtype.prototype), this)
  }

  /** The element at byte `at`. */
  read(bytes: Buffer, at: number): number | bigint | boolean {
    const { kind, size, bigEndian } = this
    if (kind === 'b') return bytes[at] !== 0
    const element = Buffer.from(bytes.subarray(at, at + size))
    if (bigEndian) element.reverse()
    if (kind === 'f') {
      if (size === 2) throw new Malformed("numpy's float16 is not supported here")
      return size === 4 ? element.readFloatLE() : element.readDoubleLE()
    }
    if (size === 8) {
      const value = kind === 'u' ? element.readBigUInt64LE() : element.readBigInt64LE()
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    }
    return kind === 'u' ? element.readUIntLE(0, size) : element.readIntLE(0, size)
  }
}

const UINT8 = new NumpyDtype('u1')
const EMPTY = Buffer.alloc(0)

/** A numpy array; its bytes are a view of the file where they can be. */
export class NumpyArray extends Buildable {
  shape: readonly number[] = [0]
  bytes: Buffer = EMPTY
  #dtype = UINT8

  /** True for arrays of bytes: uint8 and int8. */
  get isBytes(): boolean {
    return this.#dtype.size === 1 && this.#dtype.kind !== 'b'
  }

  /** `(version, shape, dtype, fortran order, bytes)`. */
  build(state: unknown, budget: Budget): void {
    if (!Array.isArray(state) || state.length !== 5) throw new Malformed('an array has no state')
    this.fill(state[4], state[2], state[1], budget)
    if (this.shape.length > 1 && state[3] === true)
      throw new Malformed("arrays in Fortran's order are not supported")
  }

  fill(bytes: unknown, dtype: unknown, shape: unknown, budget: Budget): void {
    if (!(dtype instanceof NumpyDtype) || !Buffer.isBuffer(bytes))
      throw new Malformed('an array of objects is not supported')
    const sides = naturals(shape, budget)
    const wanted = sides.reduce((product, side) => product * side, dtype.size)
    if (wanted !== bytes.length)
      throw new Malformed(`an array [${sides.join(', ')}] of ${wanted} bytes has ${bytes.length}`)
    this.shape = sides
    this.bytes = bytes
    this.#dtype = dtype.copy()
  }

  /** The elements in order. */
  *[Symbol.iterator](): Generator<number | bigint | boolean> {
    const { size } = this.#dtype
    for (let at = 0; at < this.bytes.length; at += size) yield this.#dtype.read(this.bytes, at)
  }
}

const isDtype = (value: unknown): value is NumpyDtype => value instanceof NumpyDtype

/** What numpy pickles by, under its old and its new module name. */
const numpy = ['numpy.core', 'numpy._core'].flatMap((core) => [
  new Global(`${core}.multiarray._reconstruct`, () => new NumpyArray()),
  new Global(`${core}.multiarray.scalar`, ([dtype, bytes]) => {
    if (!isDtype(dtype) || !Buffer.isBuffer(bytes) || bytes.length !== dtype.size)
      throw new Malformed("a scalar of numpy's is broken")
    return dtype.read(bytes, 0)
  }),
  new Global(`${core}.numeric._frombuffer`, ([bytes, dtype, shape], budget) => {
    const array = new NumpyArray()
    array.fill(bytes, dtype, shape, budget)
    return array
  }),
])

/** bytes and bytearray, as Python 3 writes them in protocols that have no opcode for them. */
function bytesOf([text]: readonly unknown[], budget: Budget): Buffer {
  if (text === undefined) return EMPTY
  if (Buffer.isBuffer(text)) return text
  if (typeof text !== 'string') throw new Malformed('bytes are made of no text')
  budget.bytes(text.length)
  for (let i = 0; i < text.length; i++)
    if (text.charCodeAt(i) > 255) throw new Malformed('bytes are made of text that is not Latin-1')
  return Buffer.from(text, 'latin1')
}

/** The names of plain data: bytes, and numpy's arrays and scalars of numbers. */
export const plainGlobals = globals(
  ...numpy,
  new Global('numpy.ndarray', () => {
    throw new Malformed('an array is made in an unknown way')
  }),
  new Global('numpy.dtype', ([descriptor]) => new NumpyDtype(textOf(descriptor))),
  new Global('_codecs.encode', bytesOf),
  ...['builtins', '__builtin__'].flatMap((module) => [
    new Global(`${module}.bytes`, bytesOf),
    new Global(`${module}.bytearray`, bytesOf),
  ]),
)
