import {
  autocast,
  noGrad,
  ops,
  scope,
  type Tensor,
  TorchError,
  torchVersion,
} from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { deviceType, halves } from './embed.js'

/** Why nothing can be computed on a device, in libtorch's words; null where it can. */
export const deviceProblem = (device: string): string | null =>
  problemOf(() => ops.add(ops.ones([1], 'float32', null, device), 1).item())

/** Why a device computes no convolutions in a precision; null where it does. */
const precisionProblem = (device: string, precision: Config['train']['precision']): string | null =>
  problemOf(() => {
    const [x, weight] = [
      [1, 8, 4, 4],
      [8, 8, 3, 3],
    ].map((shape) => ops.ones(shape, 'float32', null, device)) as [Tensor, Tensor]
    const convolve = () => ops.sum(ops.conv2d(x, weight, null, 1, 1)).item()
    return autocast(halves[precision] ?? null, convolve, deviceType(device))
  })

function problemOf(body: () => void): string | null {
  try {
    noGrad(() => scope(body))
    return null
  } catch (error) {
    if (!(error instanceof TorchError)) throw error
    // libtorch goes on in the same line, with what else it has been built for.
    const [said = ''] = error.message.replace(/^aten::.*\): /, '').split(/\. |\n/)
    return said
  }
}

/** @throws TrainError TRAIN_DEVICE where nothing can be computed on the device of a training, or not in its precision */
export function checkDevice({
  device,
  precision,
}: Pick<Config['train'], 'device' | 'precision'>): void {
  const problem = deviceProblem(device)
  if (problem !== null)
    throw new TrainError(
      'TRAIN_DEVICE',
      `train.device: ${device} cannot be used with libtorch ${torchVersion} here (${problem}). Set it to cpu, or install a libtorch and a driver for it and build again.`,
    )
  if (precision !== 'fp16') return
  const half = precisionProblem(device, precision)
  if (half !== null)
    throw new TrainError(
      'TRAIN_DEVICE',
      `train.precision: fp16 cannot be computed on ${device} with libtorch ${torchVersion} (${half}). Set it to bf16, or train.device to cuda.`,
    )
}

/** An error of libtorch's that tells of the device and not of the training, as one that says what to do; others as they are. */
export function explainDevice(
  error: unknown,
  { train, head }: Pick<Config, 'train' | 'head'>,
): unknown {
  if (!(error instanceof TorchError)) return error
  const said = error.message.replace(/^.*?\): /s, '').split('\n')[0]
  if (error.code === 'TORCH_OUT_OF_MEMORY')
    return new TrainError(
      'TRAIN_OUT_OF_MEMORY',
      `there is no memory left on ${train.device} (${said}). ${lower(train, head)}; the run can then be resumed.`,
      { cause: error },
    )
  if (error.code === 'TORCH_DEVICE_LOST')
    return new TrainError(
      'TRAIN_DEVICE_LOST',
      `${train.device} failed during the training (${said}). This process cannot use it any more.`,
      {
        cause: error,
        hint: 'The run can be resumed from its last checkpoint, on this device once nvidia-smi lists it again, or on another (train.device).',
      },
    )
  return error
}

/** What of the settings takes memory, as something to do; first what changes nothing else. */
function lower(
  { batchSize, microBatch, precision }: Config['train'],
  { sample }: Config['head'],
): string {
  const atOnce = microBatch || batchSize
  const ways = [
    ...(atOnce > 3
      ? [`set train.microBatch to ${Math.floor(atOnce / 2)} (${atOnce} images at once now)`]
      : []),
    ...(precision === 'fp32' ? ['train.precision to bf16'] : []),
    ...(sample === 1 ? ['with very many people head.sample to 0.1'] : []),
    'or lower train.batchSize for a new run',
  ]
  const text = ways.join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}
