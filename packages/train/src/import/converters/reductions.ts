import { ops, type Tensor, tensorOp } from '@arcface/libtorch'
import { positiveAxis } from '../../sides.js'
import type { Converter } from '../converter.js'

type Reduce = (x: Tensor, axes: readonly number[], keep: boolean) => Tensor

/** @param moved operator set from which on the axes are an input */
export const reduction =
  (run: Reduce, moved = 18): Converter =>
  (node, known) => {
    const keep = node.int('keepdims', 1) !== 0
    const given = node.ints('axes')
    const read = node.opset >= moved && known.has(1) ? known.integers(1) : () => given ?? []
    const whole = node.int('noop_with_empty_axes', 0) === 0
    return (operands) => {
      const [x] = operands
      const axes = read(operands)
      if (axes.length === 0 && !whole) return x
      return run(x, axes.length > 0 ? axes : x.shape.map((_, i) => i), keep)
    }
  }

export const mean: Reduce = (x, axes, keep) => ops.meanDim(x, axes, keep)
export const sum: Reduce = (x, axes, keep) => ops.sumDim(x, axes, keep)
export const largest: Reduce = (x, axes, keep) => tensorOp('aten::amax', x, axes, keep)
export const least: Reduce = (x, axes, keep) => tensorOp('aten::amin', x, axes, keep)
export const sumOfSquares: Reduce = (x, axes, keep) => ops.sumDim(ops.mul(x, x), axes, keep)
export const norm =
  (power: number): Reduce =>
  (x, axes, keep) =>
    ops.linalgVectorNorm(x, power, axes, keep)

/** One side at a time: what sizes are multiplied by. */
export const product: Reduce = (x, axes, keep) =>
  axes
    .map((axis) => positiveAxis(axis, x.shape.length))
    .sort((a, b) => b - a)
    .reduce((made, axis) => tensorOp('aten::prod.dim_int', made, axis, keep), x)
