import { ops, type Tensor, tensorOp } from '@arcface/libtorch'
import type { Converter } from '../converter.js'
import type { GraphNode } from '../node.js'
import { type Padding, padded, windowOf } from './window.js'

export const conv: Converter = (node) => {
  const window = windowOf(node)
  const groups = node.int('group', 1)
  return ([x, weight, bias], pass) => {
    const { strides, dilations, padding } = window(x, weight.shape.slice(2))
    const { input, sides } = padded(x, padding, 0, pass, node)
    pass.allow(node, convolved(input, weight, sides, strides, dilations))
    const [stride = 1, pad = 0] = [strides[0], sides[0]]
    const square = new Set(strides).size === 1 && new Set(sides).size === 1
    if (groups > 1 && !bias && square && dilations.every((by) => by === 1))
      return ops.groupedConv2d(input, weight, stride, pad, groups)
    return ops.conv2d(input, weight, bias ?? null, strides, sides, dilations, groups)
  }
}

/** The shape of a convolution's result. */
function convolved(
  { shape: [images = 0, , ...inputs] }: Tensor,
  { shape: [channels = 0, , ...kernel] }: Tensor,
  sides: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const outputs = inputs.map((side, i) => {
    const reach = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1
    return Math.floor((side + 2 * (sides[i] ?? 0) - reach) / (strides[i] ?? 1)) + 1
  })
  return [images, channels, ...outputs]
}

export const convTranspose: Converter = (node) => {
  if (node.has('output_shape')) node.refuse('it gives the shape of its result; give pads instead')
  const window = windowOf(node)
  const groups = node.int('group', 1)
  return ([x, weight, bias], pass) => {
    const kernel = weight.shape.slice(2)
    const { strides, dilations, padding } = window(x, kernel)
    const more = node.ints('output_padding') ?? kernel.map(() => 0)
    const sides = symmetric(node, padding)
    const outputs = x.shape.slice(2).map((side, i) => {
      const reach = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1
      return (side - 1) * (strides[i] ?? 1) - 2 * (sides[i] ?? 0) + reach + (more[i] ?? 0)
    })
    pass.allow(node, [x.shape[0] ?? 0, (weight.shape[1] ?? 0) * groups, ...outputs])
    return tensorOp(
      'aten::conv_transpose2d.input',
      x,
      weight,
      bias ?? null,
      strides,
      sides,
      more,
      groups,
      dilations,
    )
  }
}

const symmetric = (node: GraphNode, { before, after }: Padding): readonly number[] =>
  before.join() === after.join() ? before : node.refuse('its pads differ from side to side')
