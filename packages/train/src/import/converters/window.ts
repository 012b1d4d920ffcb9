import { type Tensor, tensorOp } from '@arcface/libtorch'
import type { Pass } from '../converter.js'
import type { GraphNode } from '../node.js'

/** Rows and columns that are added before and after an image. */
export interface Padding {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

export interface Window {
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly padding: Padding
}

/** Reads how a convolution or pool moves over images; the answer depends on the image's size where pads are automatic. */
export function windowOf(node: GraphNode): (x: Tensor, kernel: readonly number[]) => Window {
  const [strides, dilations, pads] = ['strides', 'dilations', 'pads'].map((one) => node.ints(one))
  const auto = node.text('auto_pad', 'NOTSET')
  for (const [list, count, least] of [
    [strides, 2, 1],
    [dilations, 2, 1],
    [pads, 4, 0],
  ] as const)
    if (list && (list.length !== count || list.some((one) => !(one >= least && one < 2 ** 20))))
      node.refuse(`[${list.slice(0, 8).join(', ')}] is no window over an image`)
  return (x, kernel) => {
    if (x.shape.length !== 4 || kernel.length !== 2)
      node.refuse(`it moves over [${x.shape.join(', ')}], not over images`)
    const [steps, gaps] = [strides ?? [1, 1], dilations ?? [1, 1]]
    if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') {
      const sides = auto === 'VALID' ? [0, 0, 0, 0] : (pads ?? [0, 0, 0, 0])
      const padding = { before: sides.slice(0, 2), after: sides.slice(2) }
      return { strides: steps, dilations: gaps, padding }
    }
    const totals = x.shape.slice(2).map((side, i) => {
      const [step = 1, gap = 1, reach = 1] = [steps[i], gaps[i], kernel[i]]
      return Math.max((Math.ceil(side / step) - 1) * step + (reach - 1) * gap + 1 - side, 0)
    })
    const smaller = totals.map((total) => Math.floor(total / 2))
    const larger = totals.map((total) => Math.ceil(total / 2))
    const [before, after] = auto === 'SAME_UPPER' ? [smaller, larger] : [larger, smaller]
    return { strides: steps, dilations: gaps, padding: { before, after } }
  }
}

/** An image that libtorch can pad by itself with `sides`, the same before and after; where it cannot, padded with `value`. */
export function padded(
  x: Tensor,
  { before, after }: Padding,
  value: number,
  pass: Pass,
  node: GraphNode,
): { input: Tensor; sides: readonly number[] } {
  if (before.join() === after.join()) return { input: x, sides: before }
  const [top = 0, left = 0] = before
  const [bottom = 0, right = 0] = after
  const [images = 0, channels = 0, height = 0, width = 0] = x.shape
  pass.allow(node, [images, channels, height + top + bottom, width + left + right])
  const input = tensorOp('aten::constant_pad_nd', x, [left, right, top, bottom], value)
  return { input, sides: [0, 0] }
}
