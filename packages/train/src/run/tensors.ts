import { join } from 'node:path'
import { loadSafetensors, type Tensor, TorchError } from '@arcface/libtorch'
import { TrainError } from '../errors.js'
import { checkSum } from './sums.js'

/** Loads a file of a checkpoint, checks its sum, and frees it after use. @throws TrainError TRAIN_CHECKPOINT */
export function loadInto(
  folder: string,
  file: string,
  use: (tensors: Map<string, Tensor>) => void,
): void {
  try {
    const tensors = loadSafetensors(join(folder, file))
    checkSum(folder, file)
    use(tensors)
    for (const one of tensors.values()) one.dispose()
  } catch (cause) {
    if (!(cause instanceof TorchError)) throw cause
    throw new TrainError(
      'TRAIN_CHECKPOINT',
      `${join(folder, file)}: ${cause.message} Remove ${folder} to resume from the checkpoint before it.`,
      { cause },
    )
  }
}
