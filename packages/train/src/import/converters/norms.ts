import { ops, type Tensor, TorchError, tensorOp } from '@arcface/libtorch'
import type { Converter } from '../converter.js'
import { FollowedNorm } from '../node.js'
import { slopesOf } from './prelu.js'

/** In training by the statistics of the batch, which the running ones follow; not where its weights are frozen. */
export const batchNorm: Converter = (node, known) => {
  if (node.int('spatial', 1) === 0) node.refuse('it has a mean for each pixel')
  const epsilon = node.float('epsilon', 1e-5)
  const share = 1 - node.float('momentum', 0.9)
  const fixed = node instanceof FollowedNorm ? node.slope : undefined
  const active = slopesOf(node, known, 5)
  return (operands, pass) => {
    const [x, scale, shift, mean, variance] = operands as Five
    const training = pass.training && scale.requiresGrad
    const [, , , , , slopes, added] = operands
    if (training && x.size <= mean.size)
      throw new TorchError(
        'TORCH_SHAPE',
        `batch normalisation in training wants more than one value a channel, got [${x.shape.join(', ')}]; take a larger batch`,
      )
    const channels =
      fixed === undefined
        ? slopes && active.ofChannels(x, slopes)
        : ops.full([1], fixed, 'float64', null, x.device)
    const follows = !slopes || channels !== undefined // the slopes, in the same pass
    const adds = added && follows && added.shape.join() === x.shape.join()
    const made = ops.fusedBatchNorm(
      x,
      scale,
      shift,
      mean,
      variance,
      channels ?? null,
      adds ? added : null,
      training,
      share,
      epsilon,
    )
    const last = slopes && !follows ? active.apply(made, slopes) : made
    return added && !adds ? ops.add(last, added) : last
  }
}
type Five = readonly [Tensor, Tensor, Tensor, Tensor, Tensor]

export const instanceNorm: Converter = (node) => {
  const epsilon = node.float('epsilon', 1e-5)
  return ([x, scale, shift]) => {
    const fine = asFineAs(scale, x)
    return tensorOp('aten::instance_norm', fine, scale, shift, null, null, true, 0, epsilon, false)
  }
}

/** Under autocast features are less precise than weights; libtorch wants both the same. */
const asFineAs = ({ dtype }: Tensor, x: Tensor): Tensor =>
  x.dtype === dtype ? x : ops.toDtype(x, dtype)

export const layerNorm: Converter = (node) => {
  const axis = node.int('axis', -1)
  const epsilon = node.float('epsilon', 1e-5)
  return ([x, scale, shift]) => {
    const sides = x.shape.slice(axis)
    const whole = (one: Tensor) =>
      one.shape.join() === sides.join() ? one : ops.expand(one, sides)
    const moved = shift ? whole(shift) : null
    const fine = asFineAs(scale, x)
    return tensorOp('aten::layer_norm', fine, sides, whole(scale), moved, epsilon, false)
  }
}

export const lpNormalization: Converter = (node) => {
  const [axis, power] = [node.int('axis', -1), node.int('p', 2)]
  return ([x]) => ops.div(x, ops.clamp(ops.linalgVectorNorm(x, power, [axis], true), 1e-12))
}
