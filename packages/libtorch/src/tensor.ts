import { type DType, dtypeOf, type TypedArray } from './dtype.js'
import { TorchError } from './errors.js'
import { type Handle, native, type Raw } from './native.js'
import { invoke, operator } from './operator.js'

const localScalar = operator('aten::_local_scalar_dense')
const detach = operator('aten::detach')

/** Tensors made since each open scope began, innermost last. */
const scopes: Tensor[][] = []

/**
 * A tensor of libtorch. It is freed by the scope it was made in, by `using` or `dispose()`, or at the
 * latest by the garbage collector. Arithmetic lives in `ops`.
 */
export class Tensor {
  /** Set by `keep`: no scope frees this tensor. */
  kept = false

  constructor(readonly handle: Handle) {
    const inner = scopes.at(-1)
    // What a scope will free must not make the collector work: a step of training passes through gigabytes.
    if (inner) inner.push(this)
    else native.entrust(handle)
  }

  get shape(): number[] {
    return native.shape(this.handle)
  }
  /** Elements from one value to the next, per dimension. */
  get strides(): number[] {
    return native.strides(this.handle)
  }
  get dtype(): DType {
    return native.dtype(this.handle)
  }
  /** `cpu`, `cuda:0`, ... */
  get device(): string {
    return native.device(this.handle)
  }
  get disposed(): boolean {
    return native.disposed(this.handle)
  }
  /** Number of values. */
  get size(): number {
    return this.shape.reduce((product, side) => product * side, 1)
  }
  get requiresGrad(): boolean {
    return native.requiresGrad(this.handle)
  }
  set requiresGrad(value: boolean) {
    native.setRequiresGrad(this.handle, value)
  }
  /** The accumulated gradient, or null. A new handle to the same memory. */
  get grad(): Tensor | null {
    const gradient = native.gradient(this.handle)
    return gradient ? new Tensor(gradient) : null
  }
  set grad(value: Tensor | null) {
    native.setGradient(this.handle, value?.handle ?? null)
  }

  /** Adds the gradients of this tensor to its leaves' `grad`. A non-scalar wants `gradient`. */
  backward(gradient?: Tensor, { retainGraph = false, createGraph = false } = {}): void {
    native.backward([this.handle], gradient ? [gradient.handle] : null, retainGraph, createGraph)
  }
  /** The same memory, cut from the graph. */
  detach(): Tensor {
    return new Tensor(invoke(detach, this.handle) as Handle)
  }
  /** The value of a tensor with one element (int64 beyond 2^53 are not exact). */
  item(): number {
    if (this.size !== 1)
      throw new TorchError('TORCH_SHAPE', `item() wants one value, got [${this.shape.join(', ')}]`)
    return Number(invoke(localScalar, this.handle))
  }
  /** A copy of the values, row-major. */
  toTypedArray(): TypedArray {
    return native.toTypedArray(this.handle)
  }
  /** The tensor's own memory (contiguous, CPU), kept alive by the array. Writes go through. */
  asTypedArray(): TypedArray {
    return native.asTypedArray(this.handle)
  }
  /** A copy of the values as float32. @throws TORCH_ARGUMENT if the dtype is another */
  toFloat32Array(): Float32Array {
    const values = this.toTypedArray()
    if (values instanceof Float32Array) return values
    throw new TorchError('TORCH_ARGUMENT', `toFloat32Array: this tensor is ${this.dtype}`)
  }
  dispose(): void {
    native.dispose(this.handle)
  }
  [Symbol.dispose](): void {
    this.dispose()
  }
}

export const wrap = (raw: Raw): Tensor => new Tensor(raw as Handle)
export const wrapAll = (raw: Raw): Tensor[] => (raw as Handle[]).map((one) => new Tensor(one))

/**
 * A tensor of `shape` from an array. Typed arrays are copied once; with `share` not at all: then the
 * tensor reads and writes the array's own memory. Plain arrays become float32 unless `dtype` says otherwise.
 * @throws TorchError TORCH_SHAPE if the count of values is another, TORCH_ARGUMENT if an array does not hold
 * the dtype
 */
export function tensor(
  data: TypedArray | readonly number[],
  shape: readonly number[] = [data.length],
  { dtype, share = false }: { dtype?: DType; share?: boolean } = {},
): Tensor {
  if (ArrayBuffer.isView(data))
    return new Tensor(native.fromTypedArray(data, dtype ?? dtypeOf(data), shape, share))
  const wanted = dtype ?? 'float32'
  if (wanted === 'int64') {
    const broken = data.find((value) => !Number.isInteger(value))
    if (broken !== undefined)
      throw new TorchError('TORCH_ARGUMENT', `tensor: int64 wants whole numbers, got ${broken}`)
    return new Tensor(
      native.fromTypedArray(BigInt64Array.from(data, BigInt), 'int64', shape, false),
    )
  }
  const made = native.fromTypedArray(Float64Array.from(data), 'float64', shape, false)
  const cast = wrap(invoke(toDtype, made, wanted))
  native.dispose(made)
  return cast
}
const toDtype = operator('aten::to.dtype')

/** Keeps a tensor beyond the scopes it was made in; whoever keeps it disposes of it. */
export function keep(kept: Tensor): Tensor {
  kept.kept = true
  native.entrust(kept.handle)
  return kept
}

/** Tensors inside a value: the value itself, arrays, plain objects and maps of them. */
function* tensorsIn(value: unknown): Generator<Tensor> {
  if (value instanceof Tensor) yield value
  else if (Array.isArray(value) || value instanceof Map)
    for (const item of value.values()) yield* tensorsIn(item)
  else if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    for (const item of Object.values(value)) yield* tensorsIn(item)
}

/**
 * Runs `body` and frees every tensor made in it, except those that it returns (alone, in arrays, maps or
 * plain objects), which pass to the scope around it, and those that were given to `keep`.
 * @throws TorchError TORCH_SCOPE if `body` is asynchronous: other code would run inside the scope
 */
export function scope<T>(body: () => T): T {
  const made: Tensor[] = []
  scopes.push(made)
  let result: T
  try {
    result = body()
  } catch (error) {
    scopes.pop()
    release(made.filter((one) => !one.kept).map((one) => one.handle))
    throw error
  }
  scopes.pop()
  if (result instanceof Promise)
    throw new TorchError('TORCH_SCOPE', 'scope() takes a synchronous function; await outside of it')
  const survivors = new Set(tensorsIn(result))
  const outer = scopes.at(-1)
  const dead: Handle[] = []
  for (const one of made) {
    if (one.kept) continue
    if (!survivors.has(one)) dead.push(one.handle)
    else if (outer) outer.push(one)
    else native.entrust(one.handle)
  }
  release(dead)
  return result
}

/** In chunks: the add-on reads at most 32 arguments a call. */
function release(dead: Handle[]): void {
  for (let start = 0; start < dead.length; start += 32)
    native.dispose(...dead.slice(start, start + 32))
}

/** Tensors that are alive in this process, for leak tests. */
export const liveTensors = (): number => native.liveTensors()
