import { type Dtype, itemSize } from '@arcface/files'
import { plainGlobals } from '../pickle/numpy.js'
import {
  type Budget,
  Global,
  globals,
  keyOf,
  Malformed,
  natural,
  naturals,
  type PickleValue,
  textOf,
} from '../pickle/value.js'
import { dataOver, elements, type Weight } from './tensor.js'

/** The memory that tensors of a PyTorch file look into. */
export class Storage {
  #bytes: Uint8Array | undefined

  /** @param length of elements */
  constructor(
    readonly type: StorageType,
    readonly length: number,
  ) {}

  get bytesWanted(): number {
    return this.length * this.type.itemSize
  }

  /** @throws Malformed where there are fewer bytes than the pickle said */
  fill(bytes: Uint8Array): void {
    if (bytes.length !== this.bytesWanted)
      throw new Malformed(`a storage of ${this.bytesWanted} bytes has ${bytes.length}`)
    this.#bytes = bytes
  }

  get bytes(): Uint8Array {
    if (this.#bytes === undefined) throw new Malformed('a storage is missing')
    return this.#bytes
  }
}

/** A tensor whose storage may be filled later. */
export class TensorRef {
  constructor(
    readonly storage: Storage,
    readonly dtype: Dtype,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {
    const last = shape.reduce((sum, side, i) => sum + (side - 1) * strides[i]!, offset)
    // A tensor that repeats its storage would take more memory than the file has.
    if (elements(shape) > storage.length || (elements(shape) > 0 && last >= storage.length))
      throw new Malformed(`a tensor [${shape.join(', ')}] does not fit its storage`)
  }

  get bytesWanted(): number {
    return elements(this.shape) * itemSize(this.dtype)
  }

  /** The values in row-major order; a copy. */
  read(): Weight {
    const { dtype, shape, strides, offset, storage } = this
    const { bytes } = storage
    const size = itemSize(dtype)
    const count = elements(shape)
    let expected = 1
    let contiguous = true
    for (let i = shape.length - 1; i >= 0; i--) {
      if (shape[i]! > 1 && strides[i] !== expected) contiguous = false
      expected *= shape[i]!
    }
    if (contiguous || count === 0)
      return {
        dtype,
        shape,
        data: dataOver(dtype, bytes.subarray(offset * size, (offset + count) * size)),
      }
    const out = new Uint8Array(count * size)
    const index = shape.map(() => 0)
    let from = offset
    for (let i = 0; i < count; i++) {
      out.set(bytes.subarray(from * size, (from + 1) * size), i * size)
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        from += strides[axis]!
        if (++index[axis]! < shape[axis]!) break
        from -= strides[axis]! * shape[axis]!
        index[axis] = 0
      }
    }
    return { dtype, shape, data: dataOver(dtype, out) }
  }
}

/** What a storage's class says of its elements. */
class StorageType extends Global {
  constructor(
    name: string,
    /** Null where no weights have such elements: float8, complex, unsigned. */
    readonly dtype: Dtype | null,
    readonly itemSize: number,
  ) {
    super(name, () => {
      throw new Malformed(`${name} is called`)
    })
  }
}

const storageTypes: Record<string, Dtype> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
}

/** Storages of elements that no weights have, and their bytes: tensors over them are passed over. */
const otherStorages: Record<string, number> = {
  'torch.ComplexFloatStorage': 8,
  'torch.ComplexDoubleStorage': 16,
  'torch.QInt8Storage': 1,
  'torch.QUInt8Storage': 1,
  'torch.QInt32Storage': 4,
  // PyTorch 2 gives these to types without a storage of their own, as float8 and uint16.
  'torch.UntypedStorage': 1,
  'torch.storage.UntypedStorage': 1,
}

const uncalled = (name: string) =>
  new Global(name, () => {
    throw new Malformed(`${name} is called`)
  })

/** @returns null for a tensor that is passed over */
function rebuild(
  [storage, offset, shape, strides]: readonly PickleValue[],
  budget: Budget,
): TensorRef | null {
  if (!(storage instanceof Storage)) throw new Malformed('a tensor has no storage')
  const start = natural(offset)
  const sides = naturals(shape, budget)
  const steps = naturals(strides, budget)
  if (sides.length !== steps.length) throw new Malformed('a tensor has no strides of its shape')
  const { dtype } = storage.type
  return dtype && new TensorRef(storage, dtype, start, sides, steps)
}

const dtypeNames = (
  'float64 float32 float16 bfloat16 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu ' +
  'int64 int32 int16 int8 uint64 uint32 uint16 uint8 bool complex32 complex64 complex128 qint8 quint8 qint32'
).split(' ')

/** The names that state dicts of PyTorch use: nothing that runs code. */
export const torchGlobals = globals(
  ...plainGlobals.values(),
  ...Object.entries(storageTypes).map(
    ([name, dtype]) => new StorageType(`torch.${name}`, dtype, itemSize(dtype)),
  ),
  ...Object.entries(otherStorages).map(([name, size]) => new StorageType(name, null, size)),
  // Python's pickler makes it empty and sets its items; other writers may hand them over.
  new Global('collections.OrderedDict', ([items], budget) => {
    if (items === undefined) return new Map()
    if (!Array.isArray(items)) throw new Malformed('an OrderedDict is made in an unknown way')
    budget.elements(items.length)
    return new Map(
      items.map((item) => {
        if (!Array.isArray(item) || item.length !== 2)
          throw new Malformed('an OrderedDict is made in an unknown way')
        return [keyOf(item[0], budget), item[1]]
      }),
    )
  }),
  new Global('torch._utils._rebuild_tensor_v2', rebuild),
  new Global('torch._utils._rebuild_tensor', rebuild),
  new Global('torch._utils._rebuild_tensor_v3', ([storage]) => {
    // Its type stands apart from its storage, which is one of bytes.
    if (!(storage instanceof Storage)) throw new Malformed('a tensor has no storage')
    return null
  }),
  new Global('torch._utils._rebuild_parameter', ([tensor]) => tensor),
  new Global('torch.Size', ([sides], budget) => naturals(sides ?? [], budget)),
  new Global('torch.device', ([type]) => textOf(type)),
  ...dtypeNames.map((dtype) => uncalled(`torch.${dtype}`)),
)

/** Storages by key, as `('storage', type, key, device, elements)` names them in pickles. */
export class Storages {
  readonly all = new Map<string, Storage>()

  /** @param mostBytes that all storages together may announce: the size of the file */
  constructor(readonly mostBytes: number) {}

  readonly find = (id: PickleValue): Storage => {
    const [kind, type, key, , length] = Array.isArray(id) ? id : []
    const view = Array.isArray(id) ? id[5] : null
    if (kind !== 'storage' || !(type instanceof StorageType) || view != null)
      throw new Malformed('a storage is of no known kind')
    const count = natural(length)
    const name = textOf(key)
    let storage = this.all.get(name)
    if (storage === undefined) {
      storage = new Storage(type, count)
      this.all.set(name, storage)
    }
    if (storage.type !== type || storage.length !== count)
      throw new Malformed(`storage ${name} is named twice and differently`)
    if (count * type.itemSize > this.mostBytes)
      throw new Malformed(`storage ${name} would be larger than the file`)
    return storage
  }
}
