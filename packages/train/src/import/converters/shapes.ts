import { ops, type Tensor, tensor, tensorOp } from '@arcface/libtorch'
import { countOf, positiveAxis } from '../../sides.js'
import type { Converter } from '../converter.js'
import type { Known } from '../known.js'
import { Depth, type GraphNode } from '../node.js'
import { rows } from './activations.js'
import { broadcast } from './arithmetic.js'

export const shape: Converter = (node) => {
  const [start, end] = [node.int('start', 0), node.int('end', Number.MAX_SAFE_INTEGER)]
  return ([x]) => integers(x.shape.slice(start, end))
}

export const integers = (list: readonly number[], sides?: readonly number[]): Tensor =>
  tensor(BigInt64Array.from(list, BigInt), sides ?? [list.length])

/**
 * 0 copies a side, -1 is what is left. A fixed first side that counts the images for which the file was written, or windows
 * of them, stays open: many exporters write down what they traced with.
 */
export const reshape: Converter = (node, known) => {
  const given = node.ints('shape')
  const read = node.opset >= 5 ? known.integers(1) : () => given ?? []
  const copies = node.int('allowzero', 0) === 0
  const fixed = node.opset < 5 || known.constant(1) !== undefined
  const traced = fixed && node.depth >= Depth.pixels ? known.batch : undefined
  return (operands, { batch }) => {
    const [x] = operands
    const sides = read(operands).map((side, i) => (side === 0 && copies ? (x.shape[i] ?? 0) : side))
    const [first, ...rest] = sides
    if (traced === undefined || first === undefined) return ops.reshape(x, sides)
    const more = batch / traced
    const opens = sides.includes(-1) ? first === traced : x.size === more * countOf(sides)
    return ops.reshape(x, opens ? [first * more, ...rest] : sides)
  }
}

export const flatten: Converter = (node) => {
  const axis = node.int('axis', 1)
  return ([x]) => rows(x, positiveAxis(axis, x.shape.length))
}

export const transpose: Converter = (node) => {
  const order = node.ints('perm')
  return ([x]) => ops.permute(x, order ?? x.shape.map((_, i) => x.shape.length - 1 - i))
}

/** Sides from first to last; those counted from the end as such of `rank`. */
const sorted = (axes: readonly number[], rank: number): number[] =>
  axes.map((axis) => positiveAxis(axis, rank)).sort((a, b) => a - b)

/** Before operator set 13 the axes are an attribute. */
const axesOf = (node: GraphNode, known: Known) => {
  const given = node.ints('axes')
  return node.opset >= 13 && known.has(1) ? known.integers(1) : () => given ?? []
}

/** Without axes all sides of 1, but never the images. */
export const squeeze: Converter = (node, known) => {
  const read = axesOf(node, known)
  const first = node.depth >= Depth.pixels ? 1 : 0
  return (operands) => {
    const [x] = operands
    const axes = read(operands)
    const all = x.shape.flatMap((side, i) => (side === 1 && i >= first ? [i] : []))
    return sorted(axes.length > 0 ? axes : all, x.shape.length).reduceRight(
      (made, axis) => ops.squeeze(made, axis),
      x,
    )
  }
}

export const unsqueeze: Converter = (node, known) => {
  const read = axesOf(node, known)
  return (operands) => {
    const [x] = operands
    const axes = read(operands)
    return sorted(axes, x.shape.length + axes.length).reduce(
      (made, axis) => ops.unsqueeze(made, axis),
      x,
    )
  }
}

/** Images of a part that is the same for all, such as a class token, are as many as there are of the others. */
export const concat: Converter = (node) => {
  const axis = node.int('axis', 1)
  return (operands, pass) => {
    const parts = operands as readonly Tensor[]
    const rank = parts[0]?.shape.length ?? 0
    const along = positiveAxis(axis, rank)
    const images = Math.max(...parts.map((part) => part.shape[0] ?? 0))
    const opened = parts.map((part) =>
      along > 0 && part.shape[0] === 1 && images > 1
        ? ops.expand(part, [images, ...part.shape.slice(1)])
        : part,
    )
    const total = opened.reduce((sum, part) => sum + (part.shape[along] ?? 0), 0)
    pass.allow(
      node,
      (opened[0]?.shape ?? []).map((side, i) => (i === along ? total : side)),
    )
    return ops.cat(opened, along)
  }
}

export const split: Converter = (node, known) => {
  const axis = node.int('axis', 0)
  const given = node.ints('split')
  const read = node.opset >= 13 && known.has(1) ? known.integers(1) : () => given
  return (operands) => {
    const [x] = operands
    const side = x.shape.at(axis) ?? 0
    const each = Math.ceil(side / node.outputs.length)
    const sizes = read(operands) ?? node.outputs.map((_, i) => Math.min(each, side - i * each))
    let start = 0
    return sizes.map((size) => {
      start += size
      return ops.slice(x, axis, start - size, start)
    })
  }
}

/** Attributes before operator set 10, inputs since. */
export const slice: Converter = (node, known) => {
  const attribute = (name: string) => {
    const list = node.ints(name)
    return () => list
  }
  const old = node.opset < 10
  const input = (index: number) => (known.has(index) ? known.integers(index) : () => undefined)
  const [starts, ends, axes, steps] = old
    ? ['starts', 'ends', 'axes', 'steps'].map(attribute)
    : [1, 2, 3, 4].map(input)
  return (operands) => {
    const [x] = operands
    const from = starts?.(operands) ?? []
    const to = ends?.(operands) ?? []
    const along = axes?.(operands) ?? from.map((_, i) => i)
    const by = steps?.(operands) ?? from.map(() => 1)
    return along.reduce(
      (made, axis, i) => sliced(made, axis, from[i] ?? 0, to[i] ?? 0, by[i] ?? 1),
      x,
    )
  }
}

function sliced(x: Tensor, axis: number, from: number, to: number, by: number): Tensor {
  const side = x.shape.at(axis) ?? 0
  const at = (place: number, least: number, most: number) =>
    Math.min(Math.max(place < 0 ? place + side : place, least), most)
  if (by > 0) return ops.slice(x, axis, at(from, 0, side), at(to, 0, side), by)
  const places: number[] = []
  const end = at(to, -1, side - 1)
  for (let place = at(from, -1, side - 1); by < 0 && place > end; place += by) places.push(place)
  return ops.indexSelect(x, axis, placed(integers(places), x))
}

const placed = (index: Tensor, { device }: Tensor): Tensor => ops.to(index, device, 'int64')

export const gather: Converter = (node, known) => {
  const axis = node.int('axis', 0)
  const read = known.integers(1)
  return (operands, pass) => {
    const [x, { shape }] = operands
    const along = positiveAxis(axis, x.shape.length)
    const side = x.shape[along] ?? 0
    const places = read(operands).map((place) => (place < 0 ? place + side : place))
    if (shape.length === 0) return ops.select(x, along, places[0] ?? 0)
    const [before, after] = [x.shape.slice(0, along), x.shape.slice(along + 1)]
    pass.allow(node, [...before, places.length, ...after])
    const chosen = ops.indexSelect(x, along, placed(integers(places), x))
    return shape.length === 1 ? chosen : ops.reshape(chosen, [...before, ...shape, ...after])
  }
}

export const expand: Converter = (node, known) => {
  const read = known.integers(1)
  return (operands, pass) => {
    const [x] = operands
    const sides = broadcast(x.shape, read(operands))
    pass.allow(node, sides)
    return ops.expand(x, sides)
  }
}

export const tile: Converter = (node, known) => {
  const read = known.integers(1)
  return (operands, pass) => {
    const [x] = operands
    const times = read(operands)
    pass.allow(
      node,
      x.shape.map((side, i) => side * (times[i] ?? 1)),
    )
    return tensorOp('aten::repeat', x, times)
  }
}

/** By a constant; before operator set 11 as attributes. */
export const pad: Converter = (node, known) => {
  const mode = node.text('mode', 'constant')
  if (mode !== 'constant') node.refuse(`it pads by "${mode.slice(0, 20)}", not by a constant`)
  const old = node.opset < 11
  const given = node.ints('pads') ?? node.ints('paddings') ?? []
  const value = old ? node.float('value', 0) : known.setting(2, 0)
  const read = old ? () => given : known.integers(1)
  const axes = known.has(3) ? known.integers(3) : undefined
  return (operands, pass) => {
    const [x] = operands
    const sides = read(operands)
    const count = sides.length / 2
    const rank = x.shape.length
    const named = axes?.(operands) ?? x.shape.map((_, i) => i)
    const along = named.map((axis) => positiveAxis(axis, rank))
    const at = (axis: number, end: 0 | 1) => sides[along.indexOf(axis) + end * count] ?? 0
    const order = x.shape.map((_, i) => i)
    const amounts = order.map((axis) =>
      along.includes(axis) ? [at(axis, 0), at(axis, 1)] : [0, 0],
    )
    pass.allow(
      node,
      x.shape.map((side, i) => side + (amounts[i]?.[0] ?? 0) + (amounts[i]?.[1] ?? 0)),
    )
    return tensorOp('aten::constant_pad_nd', x, amounts.reverse().flat(), value)
  }
}

export const constantOfShape: Converter = (node, known) => {
  const read = known.integers(0)
  const filling = node.numbers('value')?.values ?? Float32Array.of(0)
  return (operands, pass) => {
    const sides = read(operands)
    pass.allow(node, sides)
    const dtype = filling instanceof Float32Array ? 'float32' : 'int64'
    return ops.full(sides, Number(filling[0] ?? 0), dtype)
  }
}

export const range: Converter = (node, known) => {
  const [start, end, step] = [0, 1, 2].map((index) => known.integers(index))
  return (operands, pass) => {
    const [from = 0, to = 0, by = 1] = [start, end, step].map((read) => read?.(operands)[0])
    const count = Math.max(0, Math.ceil((to - from) / by))
    pass.allow(node, [count])
    return integers(Array.from({ length: count }, (_, i) => from + i * by))
  }
}

/** Of ONNX's types those that a network computes with; all floats are as precise as its weights. */
const types: Readonly<Record<number, 'float' | 'int64' | 'bool'>> = {
  1: 'float',
  10: 'float',
  11: 'float',
  16: 'float',
  2: 'int64',
  3: 'int64',
  6: 'int64',
  7: 'int64',
  9: 'bool',
}

export const cast: Converter = (node) => {
  const type = types[node.int('to', 1)]
  if (!type) node.refuse(`it casts to type ${node.int('to', 1)}`)
  return ([x]) => {
    const float = x.dtype.includes('float')
    if (type === 'float') return float ? x : ops.toDtype(x, 'float32')
    return ops.toDtype(x, type as 'int64' | 'bool')
  }
}
