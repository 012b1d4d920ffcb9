import { ops, type Tensor, tensorOp } from '@arcface/libtorch'
import type { Converter } from '../converter.js'
import type { GraphNode } from '../node.js'
import { type Padding, padded, type Window, windowOf } from './window.js'

/** Below every activation; a file cannot hold minus infinity when it is exported again. */
const LOWEST = -3.4028234663852886e38

function kernelOf(node: GraphNode): readonly number[] {
  const kernel = node.ints('kernel_shape')
  if (kernel?.length === 2 && kernel.every((side) => side > 0 && side < 2 ** 20)) return kernel
  return node.refuse('its window is none over an image')
}

export const maxPool: Converter = (node) => {
  const kernel = kernelOf(node)
  const window = windowOf(node)
  const ceil = node.int('ceil_mode', 0) !== 0
  return ([x], pass) => {
    const { strides, dilations, padding } = window(x, kernel)
    // libtorch pads by half a window at most.
    const small = padding.before.every((pad, i) => pad <= (kernel[i] ?? 0) / 2)
    const { input, sides } = padded(x, small ? padding : uneven(padding), LOWEST, pass, node)
    return tensorOp('aten::max_pool2d', input, kernel, strides, sides, dilations, ceil)
  }
}

/** The same as one that libtorch cannot do by itself. */
const uneven = ({ before, after }: Padding): Padding => ({ before: [...before, 0], after })

export const averagePool: Converter = (node) => {
  const kernel = kernelOf(node)
  const window = windowOf(node)
  const counted = node.int('count_include_pad', 0) !== 0
  const ceil = node.int('ceil_mode', 0) !== 0
  if (node.ints('dilations')?.some((by) => by !== 1)) node.refuse('its window has gaps')
  return ([x], pass) => {
    const moves = window(x, kernel)
    const { strides, padding } = moves
    const last = ceil && !divides(x, kernel, moves)
    if (last && counted) node.refuse('ceil_mode with count_include_pad is not the same everywhere')
    const { input, sides } = padded(x, padding, 0, pass, node)
    const average = (of: Tensor, include: boolean) =>
      ops.avgPool2d(of, kernel, strides, sides, last, include)
    if (input === x || counted) return average(input, counted)
    if (last) node.refuse('ceil_mode with pads that differ from side to side')
    const ones = ops.ones([1, 1, ...x.shape.slice(2)], x.dtype, null, x.device)
    return ops.div(average(input, true), average(padded(ones, padding, 0, pass, node).input, true))
  }
}

/** Whether the last window ends where the image does. */
function divides(x: Tensor, kernel: readonly number[], { strides, padding }: Window): boolean {
  const { before, after } = padding
  return x.shape.slice(2).every((side, i) => {
    const free = side + (before[i] ?? 0) + (after[i] ?? 0) - (kernel[i] ?? 1)
    return free % (strides[i] ?? 1) === 0
  })
}

export const globalAveragePool: Converter =
  () =>
  ([x]) =>
    x.shape.length === 4 ? ops.adaptiveAvgPool2d(x, 1) : ops.meanDim(x, spatial(x), true)

export const globalMaxPool: Converter =
  () =>
  ([x]) =>
    tensorOp('aten::amax', x, spatial(x), true)

const spatial = (x: Tensor): number[] => x.shape.slice(2).map((_, i) => i + 2)
