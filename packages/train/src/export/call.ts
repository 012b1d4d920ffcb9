import { type DType, type Handle, keep, ops, type Raw, scope, Tensor } from '@arcface/libtorch'
import type { Attributes } from '@arcface/onnx'
import { TrainError } from '../errors.js'
import type { Graph, Value } from './graph.js'

export const isHandle = (raw: Raw): raw is Handle =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw)

/** The tensor behind a handle that belongs to somebody else: no scope may free it. */
export const borrow = (handle: Handle): Tensor => keep(new Tensor(handle))

/** The shape of a tensor that belongs to somebody else. */
export const shapeOf = (handle: Handle): number[] => borrow(handle).shape

/** A tensor's values as float32, row-major, whatever its dtype, device and strides. */
export function floatsOf(handle: Handle): Float32Array {
  return scope(() => ops.to(borrow(handle), 'cpu', 'float32').toFloat32Array())
}

/** Writes one operator as ONNX nodes (operator set 17) and gives the value that holds its result. */
export type Converter = (call: Call) => Value

/** An operator that the forward pass dispatched, as its converter sees it. */
export class Call {
  constructor(
    /** Full name in the dispatcher, such as `aten::add.Tensor`. */
    readonly name: string,
    readonly graph: Graph,
    /** In the schema's order; `undefined` is the schema's default. */
    readonly args: readonly Raw[],
    readonly result: Raw,
    private readonly resolve: (handle: Handle) => Value,
    private readonly otherShape: readonly number[] = [],
  ) {}

  /** A tensor argument, or a number where the schema takes a tensor. */
  tensor(index: number): Value {
    return this.optional(index) ?? this.refuse(`argument ${index} is missing`)
  }

  optional(index: number): Value | null {
    const raw = this.args[index]
    if (typeof raw === 'number') return this.graph.floats([raw], [])
    return isHandle(raw) ? this.resolve(raw) : null
  }

  /** The tensors of an argument that is a list of them. */
  tensors(index: number): Value[] {
    const raw = this.args[index]
    const list: readonly Raw[] = Array.isArray(raw) ? raw : []
    return list.map((one) =>
      isHandle(one) ? this.resolve(one) : this.refuse('a tensor is missing'),
    )
  }

  /** The whole numbers of a constant tensor. */
  wholeNumbers(index: number): number[] {
    const raw = this.args[index]
    if (!isHandle(raw)) return this.refuse(`argument ${index} is missing`)
    if (!this.tensor(index).constant) return this.refuse(`argument ${index} depends on the input`)
    return Array.from(borrow(raw).toTypedArray(), Number)
  }

  /** The numbers of an argument that is a list of them. */
  list(index: number): number[] {
    const raw = this.args[index]
    return Array.isArray(raw) ? raw.map(Number) : []
  }

  /** The number of images, as a list of one. */
  images(): Value {
    return this.emit('Shape', [this.graph.input], { start: { int: 0 }, end: { int: 1 } })
  }

  /** The shape of a tensor argument with the batch that is traced. */
  shape(index: number): number[] {
    const raw = this.args[index]
    return isHandle(raw) ? shapeOf(raw) : []
  }

  resultShape(): number[] {
    return isHandle(this.result) ? shapeOf(this.result) : []
  }

  /** The sides of the result that depend on the number of images. */
  openSides(): number[] {
    return this.resultShape().flatMap((side, i) =>
      side === (this.otherShape[i] ?? side) ? [] : [i],
    )
  }

  dtype(index: number): DType | null {
    const raw = this.args[index]
    return isHandle(raw) ? borrow(raw).dtype : null
  }

  resultDtype(): DType | null {
    return isHandle(this.result) ? borrow(this.result).dtype : null
  }

  /** A constant argument with its values laid out in another shape. */
  reshaped(index: number, shape: readonly number[]): Value {
    const { name, constant } = this.tensor(index)
    if (!constant) return this.refuse(`argument ${index} depends on the input`)
    return this.graph.weight(name, { ...constant, shape })
  }

  number(index: number, byDefault: number): number {
    return Number(this.args[index] ?? byDefault)
  }

  flag(index: number, byDefault: boolean): boolean {
    return Boolean(this.args[index] ?? byDefault)
  }

  /** An `int[2]` argument: PyTorch takes one number for both. An empty list is the default too. */
  pair(index: number, byDefault: readonly number[]): number[] {
    const raw = this.args[index]
    const list = raw === undefined || raw === null ? byDefault : Array.isArray(raw) ? raw : [raw]
    const [first, second = first] = list.length > 0 ? list : byDefault
    return [Number(first), Number(second)]
  }

  emit(type: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    return this.graph.add(type, inputs, attributes)
  }

  refuse(why: string): never {
    throw new TrainError('TRAIN_EXPORT', `${this.name} cannot become ONNX: ${why}`)
  }
}
