import { statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { readParams, readTorch, refuseOther } from '@arcface/data/weights'
import { loadSafetensors, type Tensor, tensor } from '@arcface/libtorch'
import { findCheckpoint, weightsFile } from '../run/checkpoint.js'
import { runPaths } from '../run/folder.js'

/** Tensors of a run's best checkpoint, of a checkpoint's folder, or of a file; the caller's. @throws DataError, TorchError, TrainError */
export function readTensors(path: string): Map<string, Tensor> {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return loadSafetensors(weightsFile(checkpointIn(path)))
  const ending = extname(path).toLowerCase()
  if (ending === '.safetensors') {
    refuseOther(path)
    return loadSafetensors(path)
  }
  const weights = ending === '.params' ? readParams(path) : readTorch(path)
  return new Map(
    [...weights].map(([name, { data, shape, dtype }]) => [
      name,
      tensor(data, [...shape], { dtype }),
    ]),
  )
}

const checkpointIn = (path: string): string =>
  statSync(runPaths(path).checkpoints, { throwIfNoEntry: false })
    ? findCheckpoint(path, 'best')
    : join(path)
