import type { Attributes } from '@arcface/onnx'
import { positiveAxis } from '../sides.js'
import type { Call, Converter } from './call.js'
import * as functions from './functions.js'
import type { Value } from './graph.js'
import * as shapes from './shapes.js'

/** The same meaning under another name. */
const elementwise =
  (type: string): Converter =>
  (call) =>
    call.emit(type, [call.tensor(0)])

/** Two tensors, or a tensor and a number. */
const binary =
  (type: string): Converter =>
  (call) =>
    call.emit(type, [call.tensor(0), call.tensor(1)])

/** self + alpha * other, self - alpha * other */
const withAlpha =
  (type: string): Converter =>
  (call) => {
    const alpha = call.number(2, 1)
    const other = call.tensor(1)
    const scaled = alpha === 1 ? other : call.emit('Mul', [other, call.graph.floats([alpha], [])])
    return call.emit(type, [call.tensor(0), scaled])
  }

/** Changes where or how values lie, not what they are; weights and activations are float32 in the file. */
const passThrough: Converter = (call) => {
  if (!call.resultDtype()?.includes('float'))
    return call.refuse(`the result is ${call.resultDtype()}, the graph computes in float32`)
  const float = call.dtype(0)?.includes('float')
  return float ? call.tensor(0) : call.emit('Cast', [call.tensor(0)], { to: { int: 1 } })
}

const conv2d: Converter = (call) =>
  call.emit('Conv', [call.tensor(0), call.tensor(1), call.optional(2)], {
    ...window(call.shape(1).slice(2), call.pair(3, [1]), call.pair(4, [0])),
    dilations: { ints: call.pair(5, [1]) },
    group: { int: call.number(6, 1) },
  })

const conv2d3x3: Converter = (call) =>
  call.emit('Conv', [call.tensor(0), call.tensor(1)], window([3, 3], [1, 1], [1, 1]))

const groupedConv2d: Converter = (call) => {
  const [stride, padding] = [call.number(2, 1), call.number(3, 0)]
  return call.emit('Conv', [call.tensor(0), call.tensor(1)], {
    ...window(call.shape(1).slice(2), [stride, stride], [padding, padding]),
    group: { int: call.number(4, 1) },
  })
}

/** ONNX broadcasts from the last dimension: a slope a channel needs a 1 for each side after it. */
function slopes(call: Call, index: number): Value {
  const [count = 1] = call.shape(index)
  const sides = count === 1 ? 0 : Math.max(0, call.shape(0).length - 2)
  return call.reshaped(index, [count, ...new Array<number>(sides).fill(1)])
}

const prelu: Converter = (call) => call.emit('PRelu', [call.tensor(0), slopes(call, 1)])

/** Normalisation, PReLU if there are slopes, the sum if there is a residual. */
const fusedBatchNorm: Converter = (call) => {
  if (call.flag(7, false)) call.refuse('it runs in training mode; export the network in eval mode')
  const normalised = call.emit(
    'BatchNormalization',
    [0, 1, 2, 3, 4].map((i) => call.tensor(i)),
    { epsilon: { float: call.number(9, 1e-5) } },
  )
  const active = call.optional(5) ? call.emit('PRelu', [normalised, slopes(call, 5)]) : normalised
  const residual = call.optional(6)
  return residual ? call.emit('Add', [active, residual]) : active
}

const leakyRelu: Converter = (call) =>
  call.emit('LeakyRelu', [call.tensor(0)], { alpha: { float: call.number(1, 0.01) } })

const dropout: Converter = (call) =>
  call.flag(2, false)
    ? call.refuse('it runs in training mode; export the network in eval mode')
    : call.tensor(0)

/** The first side, usually the batch, stays open: 0 copies it from the input, -1 infers it. Or another, if that depends on it. */
const reshape: Converter = (call) => {
  const [first, ...rest] = call.resultShape()
  const [open = 0] = call.openSides()
  const sides =
    open > 0
      ? call.resultShape().map((side, i) => (i === open ? -1 : side))
      : [first === call.shape(0)[0] ? 0 : -1, ...rest]
  return call.emit('Reshape', [call.tensor(0), call.graph.integers(sides)])
}

const flatten: Converter = (call) =>
  call.number(1, 0) === 1 && call.resultShape().length === 2
    ? call.emit('Flatten', [call.tensor(0)], { axis: { int: 1 } })
    : reshape(call)

const linear: Converter = (call) => {
  const bias = call.optional(2)
  if (call.shape(0).length === 2)
    return call.emit('Gemm', [call.tensor(0), call.tensor(1), ...(bias ? [bias] : [])], {
      transB: { int: 1 },
    })
  const weight = call.emit('Transpose', [call.tensor(1)], { perm: { ints: [1, 0] } })
  const product = call.emit('MatMul', [call.tensor(0), weight])
  return bias ? call.emit('Add', [product, bias]) : product
}

const adaptiveAvgPool2d: Converter = (call) => {
  const wanted = call.pair(1, [1])
  const sides = call.shape(0).slice(-2)
  if (wanted.every((side) => side === 1)) return call.emit('GlobalAveragePool', [call.tensor(0)])
  const kernel = sides.map((side, i) => side / (wanted[i] ?? 1))
  if (!kernel.every(Number.isInteger))
    call.refuse(`${sides.join(' x ')} does not divide into ${wanted.join(' x ')} equal windows`)
  return call.emit('AveragePool', [call.tensor(0)], window(kernel, kernel, [0, 0]))
}

const avgPool2d: Converter = (call) => {
  if (call.flag(4, false)) call.refuse('ceil_mode counts the last window otherwise in ONNX')
  if ((call.args[6] ?? null) !== null) call.refuse('ONNX has no divisor_override')
  const kernel = call.pair(1, [1])
  return call.emit('AveragePool', [call.tensor(0)], {
    ...window(kernel, call.pair(2, kernel), call.pair(3, [0])),
    count_include_pad: { int: call.flag(5, true) ? 1 : 0 },
  })
}

const addmm: Converter = (call) =>
  call.emit('Gemm', [call.tensor(1), call.tensor(2), call.tensor(0)], {
    beta: { float: call.number(3, 1) },
    alpha: { float: call.number(4, 1) },
  })

const convTranspose2d: Converter = (call) =>
  call.emit('ConvTranspose', [call.tensor(0), call.tensor(1), call.optional(2)], {
    ...window(call.shape(1).slice(2), call.pair(3, [1]), call.pair(4, [0])),
    output_padding: { ints: call.pair(5, [0]) },
    group: { int: call.number(6, 1) },
    dilations: { ints: call.pair(7, [1]) },
  })

const maxPool2d: Converter = (call) => {
  const kernel = call.pair(1, [1])
  return call.emit('MaxPool', [call.tensor(0)], {
    ...window(kernel, call.pair(2, kernel), call.pair(3, [0])),
    dilations: { ints: call.pair(4, [1]) },
    ceil_mode: { int: call.flag(5, false) ? 1 : 0 },
  })
}

const window = (kernel: number[], strides: number[], padding: number[]): Attributes => ({
  kernel_shape: { ints: kernel },
  strides: { ints: strides },
  pads: { ints: [...padding, ...padding] },
})

const permuted = (call: Call, axes: readonly number[]): Value =>
  call.emit('Transpose', [call.tensor(0)], { perm: { ints: axes } })

const permute: Converter = (call) => {
  const rank = call.shape(0).length
  return permuted(
    call,
    call.list(1).map((axis) => positiveAxis(axis, rank)),
  )
}

const transpose: Converter = (call) => {
  const rank = call.shape(0).length
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  const [one, other] = [
    positiveAxis(call.number(1, 0), rank),
    positiveAxis(call.number(2, 1), rank),
  ]
  axes[one] = other
  axes[other] = one
  return permuted(call, axes)
}

/**
 * The converter of each operator. To add one, write it above and name it here, or set it from outside:
 * `converters.set('aten::gelu', (call) => ...)`. Operators that only meet constants need none: their
 * results are constants.
 */
export const converters = new Map<string, Converter>(
  Object.entries({
    'aten::abs': elementwise('Abs'),
    'aten::adaptive_avg_pool2d': adaptiveAvgPool2d,
    'aten::add.Scalar': withAlpha('Add'),
    'aten::add.Tensor': withAlpha('Add'),
    'aten::addmm': addmm,
    'aten::amax': functions.reduce('ReduceMax'),
    'aten::amin': functions.reduce('ReduceMin'),
    'aten::avg_pool2d': avgPool2d,
    'aten::batch_norm': functions.batchNorm,
    'aten::bmm': binary('MatMul'),
    'aten::cat': shapes.cat,
    'aten::ceil': elementwise('Ceil'),
    'aten::clamp': functions.clamp,
    'aten::clone': passThrough,
    'aten::constant_pad_nd': shapes.pad,
    'aten::contiguous': passThrough,
    'aten::conv2d': conv2d,
    'aten::conv_transpose2d.input': convTranspose2d,
    'aten::detach': passThrough,
    'aten::div.Scalar': binary('Div'),
    'aten::div.Tensor': binary('Div'),
    'aten::dropout': dropout,
    'aten::elu': functions.elu,
    'aten::eq.Tensor': binary('Equal'),
    'aten::erf': elementwise('Erf'),
    'aten::exp': elementwise('Exp'),
    'aten::expand': shapes.expand,
    'aten::flatten.using_ints': flatten,
    'aten::floor': elementwise('Floor'),
    'aten::gelu': functions.gelu,
    'aten::hardswish': elementwise('HardSwish'),
    'aten::index_select': shapes.indexSelect,
    'aten::instance_norm': functions.instanceNorm,
    'aten::layer_norm': functions.layerNorm,
    'aten::leaky_relu': leakyRelu,
    'aten::linalg_vector_norm': functions.vectorNorm,
    'aten::linear': linear,
    'aten::log': elementwise('Log'),
    'aten::matmul': binary('MatMul'),
    'aten::max_pool2d': maxPool2d,
    'aten::maximum': binary('Max'),
    'aten::mean.dim': functions.reduce('ReduceMean'),
    'aten::minimum': binary('Min'),
    'aten::mm': binary('MatMul'),
    'aten::mul.Scalar': binary('Mul'),
    'aten::mul.Tensor': binary('Mul'),
    'aten::neg': elementwise('Neg'),
    'aten::permute': permute,
    'aten::pow.Tensor_Scalar': binary('Pow'),
    'aten::pow.Tensor_Tensor': binary('Pow'),
    'aten::prelu': prelu,
    'aten::reciprocal': elementwise('Reciprocal'),
    'aten::relu': elementwise('Relu'),
    'aten::repeat': shapes.repeat,
    'aten::reshape': reshape,
    'aten::select.int': shapes.select,
    'aten::sigmoid': elementwise('Sigmoid'),
    'aten::slice.Tensor': shapes.slice,
    'aten::softmax.int': functions.softmax,
    'aten::softplus': functions.softplus,
    'aten::sqrt': elementwise('Sqrt'),
    'aten::squeeze.dim': shapes.squeeze,
    'aten::sub.Scalar': withAlpha('Sub'),
    'aten::sub.Tensor': withAlpha('Sub'),
    'aten::sum.dim_IntList': functions.sum,
    'aten::t': (call) => permuted(call, call.shape(0).length === 2 ? [1, 0] : [0]),
    'aten::tanh': elementwise('Tanh'),
    'aten::to.device': passThrough,
    'aten::to.dtype': passThrough,
    'aten::transpose.int': transpose,
    'aten::unsqueeze': shapes.unsqueeze,
    'aten::view': reshape,
    'aten::where.self': functions.where,
    'arcface::batch_norm': fusedBatchNorm,
    'arcface::conv2d_3x3': conv2d3x3,
    'arcface::grouped_conv2d': groupedConv2d,
    'arcface::prelu': prelu,
  } satisfies Record<string, Converter>),
)
