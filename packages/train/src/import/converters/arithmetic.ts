import { op, ops, type Tensor, tensorOp } from '@arcface/libtorch'
import { positiveAxis } from '../../sides.js'
import type { Converter } from '../converter.js'
import type { Known } from '../known.js'
import type { GraphNode } from '../node.js'

/** The shape that two broadcast to, or more than either where they do not fit. */
export function broadcast(one: readonly number[], other: readonly number[]): number[] {
  const rank = Math.max(one.length, other.length)
  const side = (shape: readonly number[], i: number) => shape[i - rank + shape.length] ?? 1
  return Array.from({ length: rank }, (_, i) => {
    const [a, b] = [side(one, i), side(other, i)]
    return a === 1 ? b : b === 1 ? a : Math.max(a, b)
  })
}

const isInteger = ({ dtype }: Tensor): boolean => !dtype.includes('float')

type Binary = (one: Tensor, other: Tensor | number) => Tensor

/** A constant of one number acts as that number: it changes neither precision nor shape. */
export const binary =
  (run: Binary): Converter =>
  (node, known) => {
    const numbers = [known.scalar(0), known.scalar(1)]
    const align = oldBroadcast(node)
    const fits = (tensor: Tensor, constant: Tensor) => tensor.shape.length >= constant.shape.length
    return ([one, second], pass) => {
      const other = align(one, second)
      if (numbers[1] !== undefined && fits(one, other)) return run(one, numbers[1])
      if (numbers[0] !== undefined && fits(other, one)) return run(ops.reshape(one, []), other)
      pass.allow(node, broadcast(one.shape, other.shape))
      return run(one, other)
    }
  }

/** Before operator set 7 the second operand lay along `axis` of the first, where the node says so. */
function oldBroadcast(node: GraphNode): (one: Tensor, other: Tensor) => Tensor {
  if (node.opset >= 7 || !node.has('axis')) return (_, other) => other
  const axis = node.int('axis', 0)
  return ({ shape }, other) => {
    const after = shape.length - positiveAxis(axis, shape.length) - other.shape.length
    return ops.reshape(other, [...other.shape, ...new Array<number>(Math.max(0, after)).fill(1)])
  }
}

export const add: Binary = (one, other) => ops.add(one, other)
export const sub: Binary = (one, other) => ops.sub(one, other)
export const mul: Binary = (one, other) => ops.mul(one, other)

/** Of integers, towards 0. */
export const div: Binary = (one, other) => {
  const whole = isInteger(one) && (typeof other === 'number' || isInteger(other))
  return whole ? tensorOp('aten::div.Tensor_mode', one, other, 'trunc') : ops.div(one, other)
}

export const pow: Binary = (one, other) =>
  typeof other === 'number' ? ops.pow(one, other) : tensorOp('aten::pow.Tensor_Tensor', one, other)

/** Of integers with the sign of the second, or, where the node says so, as the remainder of a division in C. */
export const mod: Converter = (node, known) => {
  const name = node.int('fmod', 0) === 0 ? 'aten::remainder.Tensor' : 'aten::fmod.Tensor'
  return binary((one, other) => tensorOp(name, one, other))(node, known)
}

/** Of any count of operands. */
export const variadic =
  (run: (one: Tensor, other: Tensor) => Tensor): Converter =>
  (node) =>
  (operands, pass) => {
    const [first, ...others] = operands as readonly Tensor[]
    return others.reduce((sum, other) => {
      pass.allow(node, broadcast(sum.shape, other.shape))
      return run(sum, other)
    }, first as Tensor)
  }

export const unary =
  (name: string): Converter =>
  () =>
  ([x]) =>
    op(name, x) as Tensor

export const where: Converter =
  (node) =>
  ([condition, one, other], pass) => {
    const second = other as Tensor
    pass.allow(node, broadcast(condition.shape, broadcast(one.shape, second.shape)))
    const truth = condition.dtype === 'bool' ? condition : ops.toDtype(condition, 'bool')
    return ops.where(truth, one, second)
  }

/** What bounds values: numbers, in attributes before operator set 11. */
export const clip: Converter = (node, known: Known) => {
  const old = node.opset < 11
  const least = old ? (node.has('min') ? node.float('min', 0) : null) : known.setting(1, null)
  const most = old ? (node.has('max') ? node.float('max', 0) : null) : known.setting(2, null)
  return ([x]) => (least === null && most === null ? x : ops.clamp(x, least, most))
}
