import { ops, type Tensor, tensorOp } from '@arcface/libtorch'
import { countOf, positiveAxis } from '../../sides.js'
import type { Converter } from '../converter.js'

export const leakyRelu: Converter = (node) => {
  const slope = node.float('alpha', 0.01)
  return ([x]) => ops.leakyRelu(x, slope)
}

export const hardSigmoid: Converter = (node) => {
  const [alpha, beta] = [node.float('alpha', 0.2), node.float('beta', 0.5)]
  return ([x]) => ops.clamp(ops.add(ops.mul(x, alpha), beta), 0, 1)
}

export const elu: Converter = (node) => {
  const alpha = node.float('alpha', 1)
  return ([x]) => tensorOp('aten::elu', x, alpha)
}

export const gelu: Converter = (node) => {
  const approximate = node.text('approximate', 'none')
  return ([x]) => tensorOp('aten::gelu', x, approximate)
}

/** Before operator set 13 over all sides from `axis` on together. */
export const softmax: Converter = (node) => {
  const together = node.opset < 13
  const axis = node.int('axis', together ? 1 : -1)
  return ([x]) => {
    const from = positiveAxis(axis, x.shape.length)
    if (!together || from === x.shape.length - 1) return ops.softmax(x, from)
    return ops.reshape(ops.softmax(rows(x, from), 1), x.shape)
  }
}

/** A matrix whose rows are all sides from one on. */
export function rows(x: Tensor, from: number): Tensor {
  if (from === 1) return ops.flatten(x, 1)
  return ops.reshape(x, [countOf(x.shape.slice(0, from)), countOf(x.shape.slice(from))])
}

export const dropout: Converter = (node, known) => {
  const rate = node.opset < 12 ? node.float('ratio', 0.5) : known.setting(1, 0.5)
  return ([x], { training }) => (training && rate > 0 ? ops.dropout(x, rate, true) : x)
}
