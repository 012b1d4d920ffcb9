import type { Attributes } from '@arcface/onnx'
import { countOf } from '../sides.js'
import type { Call, Converter } from './call.js'
import type { Value } from './graph.js'

/** Activations, norms and reductions whose arguments ONNX has in other places, or not at all. */

const scalar = (call: Call, value: number): Value => call.graph.floats([value], [])

/** One number throughout, for weights that a call leaves out. */
const filled = (call: Call, value: number, sides: readonly number[]): Value =>
  call.graph.floats(new Float32Array(countOf(sides)).fill(value), sides)

export const clamp: Converter = (call) => {
  const bound = (index: number) =>
    (call.args[index] ?? null) === null ? null : scalar(call, call.number(index, 0))
  return call.emit('Clip', [call.tensor(0), bound(1), bound(2)])
}

export const elu: Converter = (call) => {
  if (call.number(2, 1) !== 1 || call.number(3, 1) !== 1)
    call.refuse('ONNX scales only its negatives')
  return call.emit('Elu', [call.tensor(0)], { alpha: { float: call.number(1, 1) } })
}

/** ONNX has it from operator set 20 on. */
export const gelu: Converter = (call) => {
  const x = call.tensor(0)
  const mul = (one: Value, other: Value | number) =>
    call.emit('Mul', [one, typeof other === 'number' ? scalar(call, other) : other])
  const plus = (one: Value, other: Value | number) =>
    call.emit('Add', [one, typeof other === 'number' ? scalar(call, other) : other])
  const share =
    call.args[1] === 'tanh'
      ? call.emit('Tanh', [mul(plus(x, mul(mul(mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI))])
      : call.emit('Erf', [mul(x, Math.SQRT1_2)])
  return mul(mul(x, plus(share, 1)), 0.5)
}

export const softplus: Converter = (call) => {
  if (call.number(1, 1) !== 1) call.refuse('ONNX has no beta')
  return call.emit('Softplus', [call.tensor(0)])
}

export const softmax: Converter = (call) =>
  call.emit('Softmax', [call.tensor(0)], { axis: { int: call.number(1, -1) } })

export const layerNorm: Converter = (call) => {
  const sides = call.list(1)
  return call.emit(
    'LayerNormalization',
    [call.tensor(0), call.optional(2) ?? filled(call, 1, sides), call.optional(3)],
    { axis: { int: -sides.length }, epsilon: { float: call.number(4, 1e-5) } },
  )
}

/** Scale and shift of each channel. */
const affine = (call: Call): [Value, Value] => {
  const channels = [call.shape(0)[1] ?? 1]
  return [
    call.optional(1) ?? filled(call, 1, channels),
    call.optional(2) ?? filled(call, 0, channels),
  ]
}

export const batchNorm: Converter = (call) => {
  if (call.flag(5, false)) call.refuse('it runs in training mode; export the network in eval mode')
  return call.emit(
    'BatchNormalization',
    [call.tensor(0), ...affine(call), call.tensor(3), call.tensor(4)],
    { epsilon: { float: call.number(7, 1e-5) } },
  )
}

export const instanceNorm: Converter = (call) =>
  call.emit('InstanceNormalization', [call.tensor(0), ...affine(call)], {
    epsilon: { float: call.number(7, 1e-5) },
  })

/** @param at the arguments that name the sides and keep them */
const reduction = (call: Call, at: number): { axes: number[]; attributes: Attributes } => {
  const axes = call.list(at)
  if (axes.length === 0) call.refuse('name the dimensions')
  return { axes, attributes: { keepdims: { int: call.flag(at + 1, false) ? 1 : 0 } } }
}

export const reduce =
  (type: string, at = 1): Converter =>
  (call) => {
    const { axes, attributes } = reduction(call, at)
    return call.emit(type, [call.tensor(0)], { axes: { ints: axes }, ...attributes })
  }

export const sum: Converter = (call) => {
  const { axes, attributes } = reduction(call, 1)
  return call.emit('ReduceSum', [call.tensor(0), call.graph.integers(axes)], attributes)
}

export const vectorNorm: Converter = (call) => {
  const power = call.number(1, 2)
  if (power !== 1 && power !== 2) return call.refuse(`ONNX has no norm of power ${power}`)
  return reduce(`ReduceL${power}`, 2)(call)
}

/** Truth of a constant condition is kept as 1 and 0. */
export const where: Converter = (call) => {
  const condition = call.tensor(0)
  const truth = condition.constant ? call.emit('Cast', [condition], { to: { int: 9 } }) : condition
  return call.emit('Where', [truth, call.tensor(1), call.tensor(2)])
}
