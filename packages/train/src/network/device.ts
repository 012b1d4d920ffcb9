import { ops, scope, TorchError, torchVersion } from '@arcface/libtorch'
import { TrainError } from '../errors.js'

/** Why nothing can be computed on a device, in libtorch's words; null where it can. */
export function deviceProblem(device: string): string | null {
  try {
    scope(() => ops.add(ops.ones([1], 'float32', null, device), 1).item())
    return null
  } catch (error) {
    if (!(error instanceof TorchError)) throw error
    // libtorch goes on in the same line, with what else it has been built for.
    const [said = ''] = error.message.replace(/^aten::.*\): /, '').split(/\. |\n/)
    return said
  }
}

/** @throws TrainError TRAIN_DEVICE where nothing can be computed on the device of a training */
export function checkDevice(device: string): void {
  const problem = deviceProblem(device)
  if (problem !== null)
    throw new TrainError(
      'TRAIN_DEVICE',
      `train.device: ${device} cannot be used with libtorch ${torchVersion} here (${problem}). Set it to cpu, or install a libtorch and a driver for it and build again.`,
    )
}
