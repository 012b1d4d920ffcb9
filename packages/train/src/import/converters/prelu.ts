import { ops, type Tensor } from '@arcface/libtorch'
import type { Converter } from '../converter.js'
import type { Known } from '../known.js'
import type { GraphNode } from '../node.js'

export const prelu: Converter = (node, known) => {
  const slopes = slopesOf(node, known, 1)
  return ([x, given]) => {
    const channels = slopes.ofChannels(x, given)
    return channels ? ops.fusedPrelu(x, channels) : slopes.apply(x, given)
  }
}

/** How the slopes at an input act. They lie along the last sides; before operator set 7 along the channels. */
export function slopesOf({ opset }: GraphNode, known: Known, index: number) {
  const shapeOf = (given: Tensor) => known.shapeInFile(index) ?? given.shape
  return {
    /** One slope a channel, or one for all; nothing where they lie otherwise. */
    ofChannels(x: Tensor, given: Tensor): Tensor | undefined {
      const [shape, rank, count] = [shapeOf(given), x.shape.length, given.size]
      const along = shape[1 - rank + shape.length] ?? 1
      const fits = (opset < 7 && shape.length === 1) || along === count
      if (count !== 1 && !(rank > 1 && fits && count === x.shape[1])) return undefined
      return given.shape.length === 1 ? given : ops.reshape(given, [count])
    },
    /** Of any shape that broadcasts. */
    apply(x: Tensor, given: Tensor): Tensor {
      const shape = shapeOf(given)
      const slopes = given.shape.join() === shape.join() ? given : ops.reshape(given, shape)
      return ops.sub(ops.relu(x), ops.mul(slopes, ops.relu(ops.neg(x))))
    },
  }
}
