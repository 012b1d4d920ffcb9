import { setImmediate } from 'node:timers/promises'
import {
  keep,
  type nn,
  noGrad,
  ops,
  optim,
  scope,
  type Tensor,
  tensor,
  tensorOp,
} from '@arcface/libtorch'
import { IMAGE_BYTES, IMAGE_SIZE, Random } from '@arcface/vision'
import { TrainError } from '../errors.js'
import { learningRate } from '../step/schedule.js'
import { type Aim, observed, squaredLength, totalVariation } from './terms.js'

/** How pixels are led. All but the seed have values that were tried on networks of this project. */
export interface InversionSettings {
  /** Steps of Adam. */
  readonly steps: number
  /** Of the whole: noise, mirror images, shifts. */
  readonly seed: number
  /** The highest learning rate; pixels are from -1 to 1. */
  readonly lr: number
  /** Weights of the terms beside the aim, which has 1. */
  readonly batchNorm: number
  readonly totalVariation: number
  readonly length: number
  /** Pixels by which an image is shifted at most before the network sees it. */
  readonly shift: number
}

export const inversionDefaults: Omit<InversionSettings, 'seed'> = {
  steps: 300,
  lr: 0.1,
  batchNorm: 0.05,
  totalVariation: 20,
  length: 0.02,
  shift: 4,
}

/** Where pixels stand after so many steps. */
export interface Inverted {
  readonly step: number
  /** N x 112 x 112 x 3, RGB. */
  readonly images: Uint8Array
  /** The aim at this step, of images that are shifted and mirrored; null before the first. */
  readonly aim: number | null
}

export interface InversionPlan extends InversionSettings {
  /** What each image is the only one of, for its noise: the same in whatever batch it is. */
  readonly keys: readonly number[]
  /** 112 x 112 x 3 that all begin with, in place of noise about grey. */
  readonly start: Uint8Array | null
  /** Steps after which the images are shown, ascending; the last is always. */
  readonly shown: readonly number[]
  readonly signal?: AbortSignal | undefined
  readonly onStep?: ((step: number) => void) | undefined
}

/** Of the first noise, beside a pixel's range of -1 to 1. */
const NOISE = 0.3
/** Steps of the learning rate's rise, as a share of all. */
const WARMUP = 0.02

/**
 * Leads pixels by Adam until the network sees in them what it is asked for (ArcFace, TPAMI 2022, section 3.3; DeepInversion).
 * Same seed, threads and libtorch, same bits. A signal ends it after the step in work: what there is then is shown.
 * @param network in eval mode, [N, 3, 112, 112] in -1..1 to [N, dim]; its parameters get no gradient
 * @throws TrainError TRAIN_NON_FINITE
 */
export async function* invert(
  { network, device }: { readonly network: nn.Module; readonly device: string },
  aim: Aim,
  plan: InversionPlan,
): AsyncGenerator<Inverted> {
  const { steps, seed, lr, shown, signal, onStep } = plan
  for (const one of network.parameters()) one.requiresGrad = false
  const pixels = keep(scope(() => beginning(plan, device)))
  pixels.requiresGrad = true
  const adam = new optim.AdamW([{ params: [['pixels', pixels]] }], { lr, weightDecay: 0 })
  let found: number | null = null
  try {
    if (shown.includes(0)) yield { step: 0, images: bytesOf(pixels), aim: null }
    for (let step = 0; step < steps; step++) {
      const random = new Random(seed, 1, plan.keys[0]!, step)
      for (const group of adam.groups)
        group.options.lr = learningRate(step, steps, {
          lr,
          warmup: WARMUP,
          schedule: 'cosine',
          decayPower: 1,
        })
      found = scope(() => {
        const { total, aimed } = lossOf(network, aim, pixels, plan, random)
        const value = total.item()
        if (!Number.isFinite(value)) refuse(step, 'the loss')
        total.backward()
        return aimed.item()
      })
      adam.step()
      noGrad(() => scope(() => ops.clamp_(pixels, -1, 1)))
      pixels.grad = null
      onStep?.(step + 1)
      await setImmediate()
      const ends = step + 1 === steps || signal?.aborted === true
      if (ends || shown.includes(step + 1))
        yield { step: step + 1, images: finite(pixels, step), aim: found }
      if (ends) return
    }
  } finally {
    adam.dispose()
    pixels.dispose()
  }
}

/** All terms, of images that are moved a little; the smoothness is that of the images as they are. */
export function lossOf(
  network: nn.Module,
  aim: Aim,
  pixels: Tensor,
  weights: Pick<InversionSettings, 'batchNorm' | 'totalVariation' | 'length' | 'shift'>,
  random: Random,
): { total: Tensor; aimed: Tensor } {
  return scope(() => {
    const { output, distance } = observed(() => network.call(moved(pixels, weights.shift, random)))
    const aimed = aim(output)
    const terms = [
      ops.mul(totalVariation(pixels), weights.totalVariation),
      ops.mul(squaredLength(pixels), weights.length),
      ...(distance && weights.batchNorm > 0 ? [ops.mul(distance, weights.batchNorm)] : []),
    ]
    return { total: terms.reduce((sum, one) => ops.add(sum, one), aimed), aimed }
  })
}

/** Every second time mirrored, and shifted by whole pixels, so that no pattern of single pixels is what the network likes. */
function moved(pixels: Tensor, shift: number, random: Random): Tensor {
  const turned = random.below(2) === 1 ? tensorOp('aten::flip', pixels, [3]) : pixels
  const by = () => random.below(2 * shift + 1) - shift
  return tensorOp('aten::roll', turned, [by(), by()], [2, 3])
}

function beginning({ keys, seed, start }: InversionPlan, device: string): Tensor {
  const values = new Float32Array(keys.length * IMAGE_BYTES)
  keys.forEach((key, i) => {
    const random = new Random(seed, 0, key)
    for (let k = 0; k < IMAGE_BYTES; k++)
      values[i * IMAGE_BYTES + k] = start ? start[k]! / 127.5 - 1 : NOISE * random.normal()
  })
  // Rows of RGB pixels are what channels_last means.
  const rows = tensor(values, [keys.length, IMAGE_SIZE, IMAGE_SIZE, 3])
  return ops.to(ops.clamp(ops.permute(rows, [0, 3, 1, 2]), -1, 1), device, 'float32')
}

function bytesOf(pixels: Tensor): Uint8Array {
  const values = noGrad(() =>
    scope(() =>
      ops.to(ops.contiguous(ops.permute(pixels, [0, 2, 3, 1])), 'cpu', 'float32').toFloat32Array(),
    ),
  )
  return Uint8Array.from(values, (value) => Math.round((value + 1) * 127.5))
}

function finite(pixels: Tensor, step: number): Uint8Array {
  const good = noGrad(() => scope(() => ops.all(ops.isfinite(pixels)).item()))
  if (!good) refuse(step, 'a pixel')
  return bytesOf(pixels)
}

function refuse(step: number, what: string): never {
  throw new TrainError(
    'TRAIN_NON_FINITE',
    `step ${step + 1} of the inversion: ${what} is NaN or infinite`,
    {
      hint: 'Take a lower learning rate, or look at the weights of the network.',
    },
  )
}
