import { positiveAxis } from '../sides.js'
import type { Call, Converter } from './call.js'

/** What changes where values lie, which there are, and how many times. */

const axisOf = (call: Call, index: number): number =>
  positiveAxis(call.number(index, 0), call.resultShape().length)

export const cat: Converter = (call) =>
  call.emit('Concat', call.tensors(0), { axis: { int: axisOf(call, 1) } })

/** A first side that was 1 becomes the number of images. */
export const expand: Converter = (call) => {
  const [own, made] = [call.shape(0), call.resultShape()]
  const before = (i: number) => own[i - made.length + own.length]
  // 1 leaves a side as it is.
  const [first = 1, ...rest] = made.map((side, i) => (side === before(i) ? 1 : side))
  const sides = first === 1 ? [first, ...rest] : rest
  const constant = call.graph.integers(sides)
  const shape =
    first === 1 ? constant : call.emit('Concat', [call.images(), constant], { axis: { int: 0 } })
  return call.emit('Expand', [call.tensor(0), shape])
}

export const indexSelect: Converter = (call) =>
  call.emit('Gather', [call.tensor(0), call.graph.integers(call.wholeNumbers(2))], {
    axis: { int: axisOf(call, 1) },
  })

export const select: Converter = (call) =>
  call.emit('Gather', [call.tensor(0), call.graph.integers([call.number(2, 0)], [])], {
    axis: { int: positiveAxis(call.number(1, 0), call.shape(0).length) },
  })

export const slice: Converter = (call) => {
  const axis = axisOf(call, 1)
  const side = call.shape(0)[axis] ?? 0
  const end = call.number(3, side)
  const one = (value: number) => call.graph.integers([value])
  return call.emit('Slice', [
    call.tensor(0),
    one(call.number(2, 0)),
    one(end >= side ? Number.MAX_SAFE_INTEGER : end),
    one(axis),
    one(call.number(4, 1)),
  ])
}

export const squeeze: Converter = (call) => {
  const axis = positiveAxis(call.number(1, 0), call.shape(0).length)
  return call.shape(0)[axis] === 1
    ? call.emit('Squeeze', [call.tensor(0), call.graph.integers([axis])])
    : call.tensor(0)
}

export const unsqueeze: Converter = (call) =>
  call.emit('Unsqueeze', [call.tensor(0), call.graph.integers([axisOf(call, 1)])])

export const repeat: Converter = (call) => {
  const times = call.list(1)
  if (times.length !== call.shape(0).length) return call.refuse('it adds sides')
  return call.emit('Tile', [call.tensor(0), call.graph.integers(times)])
}

/** libtorch names the last side first. */
export const pad: Converter = (call) => {
  const amounts = call.list(1)
  const rank = call.shape(0).length
  const at = (axis: number, end: 0 | 1) => amounts[2 * (rank - 1 - axis) + end] ?? 0
  const sides = Array.from({ length: rank }, (_, axis) => axis)
  const pads = [...sides.map((axis) => at(axis, 0)), ...sides.map((axis) => at(axis, 1))]
  const value = call.graph.floats([call.number(2, 0)], [])
  return call.emit('Pad', [call.tensor(0), call.graph.integers(pads), value])
}
