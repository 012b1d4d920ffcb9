import { grad, type Handle, keep, type nn, ops, scope, type Tensor, trace } from '@arcface/libtorch'
import { nearest } from '@arcface/vision'
import { TrainError } from '../errors.js'
import { borrow } from '../export/call.js'

const LAYER = 'arcface::batch_norm'

/**
 * How far the features of each image are from those that a network was trained on: the squared distance of its own mean and
 * variance of each channel from those that each BatchNorm over maps keeps, summed over layers and images. A scalar that has a
 * gradient. The network is in eval mode.
 */
export function statisticsDistance(backbone: nn.Module, input: Tensor): Tensor {
  const layers: Tensor[] = []
  trace(
    (name, [x, , , mean, variance]) => {
      if (name !== LAYER) return
      const features = borrow(x as Handle)
      if (features.shape.length === 4)
        layers.push(keep(distanceOf(features, borrow(mean as Handle), borrow(variance as Handle))))
    },
    () => backbone.call(input),
  )
  if (layers.length === 0)
    throw new TrainError('TRAIN_BACKBONE', 'the network has no BatchNorm over maps to compare with')
  const distance = scope(() => ops.sum(ops.stack(layers)))
  for (const one of layers) one.dispose()
  return distance
}

function distanceOf(x: Tensor, mean: Tensor, variance: Tensor): Tensor {
  return scope(() => {
    const map = [2, 3]
    const centred = ops.sub(x, ops.meanDim(x, map, true))
    const square = (off: Tensor) => ops.sum(ops.mul(off, off))
    return ops.add(
      square(ops.sub(ops.meanDim(x, map), mean)),
      square(ops.sub(ops.meanDim(ops.mul(centred, centred), map), variance)),
    )
  })
}

/** The third stage of our networks. */
const STAGES = ['layer3', 'layers.5']

/** A part of a network by its name in the state dict; by default its third stage. @throws TrainError TRAIN_BACKBONE */
export function blockOf(backbone: nn.Module, name?: string): nn.Module {
  const modules = new Map(backbone.namedModules())
  modules.delete('')
  const block = modules.get(name ?? STAGES.find((one) => modules.has(one)) ?? '')
  if (block) return block
  const meant = name === undefined ? undefined : nearest(name, [...modules.keys()])
  throw new TrainError(
    'TRAIN_BACKBONE',
    name === undefined
      ? 'the network has no stages of ours; say at which block to look'
      : `the network has no block "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
  )
}

/**
 * GraFIQs (Kolf et al., CVPR workshops 2024): the sum of the magnitudes of the gradient of `statisticsDistance` by the output
 * of a block, for each image. An image that is unlike what the network was trained on would have its features changed more.
 * @param input what `toInput` makes, N x 3 x 112 x 112
 * @returns N magnitudes: the smaller, the better the image
 * @throws TrainError TRAIN_BACKBONE where no BatchNorm over maps comes after the block
 */
export function gradientMagnitudes(
  backbone: nn.Module,
  input: Tensor,
  block: nn.Module,
): Float32Array {
  return scope(() => {
    const gradient = statisticsGradient(backbone, input, block)
    const all = gradient.shape.map((_, dim) => dim).slice(1)
    return ops.sumDim(ops.abs(gradient), all).toFloat32Array()
  })
}

/** The gradient of `statisticsDistance` by the output of a block, in its shape. Errors as `gradientMagnitudes`. */
export function statisticsGradient(backbone: nn.Module, input: Tensor, block: nn.Module): Tensor {
  return scope(() => {
    const { output, distance } = withOutput(block, () => statisticsDistance(backbone, input))
    const [gradient] = grad([distance], [output], { allowUnused: true })
    output.dispose()
    if (gradient) return gradient
    throw new TrainError('TRAIN_BACKBONE', 'no BatchNorm over maps comes after the block')
  })
}

/** Runs a body in which a block is called once, and keeps what the block gave. */
function withOutput(block: nn.Module, body: () => Tensor): { output: Tensor; distance: Tensor } {
  const forward = block.forward.bind(block)
  let output: Tensor | undefined
  block.forward = (...inputs) => {
    output = keep(forward(...inputs))
    return output
  }
  try {
    const distance = body()
    return { output: output!, distance }
  } finally {
    // The method of its class again.
    delete (block as Partial<nn.Module>).forward
  }
}
