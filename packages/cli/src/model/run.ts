import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'

/** Whether it is a folder that `arcface train` wrote. */
export const isRun = (path: string): boolean => existsSync(join(path, 'config.yaml'))

/**
 * What serving opens: of a run its best network as ONNX, written beside the weights the first time, for which libtorch
 * is loaded, and read from there later; anything else as it is.
 */
export async function onnxOf(model: string): Promise<string> {
  if (!isRun(model)) return model
  const links = ['best', 'latest'].map((name) => join(model, 'checkpoints', name))
  const link = links.find((path) => existsSync(path))
  if (link !== undefined) {
    const written = join(realpathSync(link), ONNX)
    if (existsSync(written)) return written
  }
  const { exportRun, findCheckpoint } = await import('@arcface/train')
  // The step's own folder: links move on, and a gallery asks for the same file again.
  const checkpoint = realpathSync(findCheckpoint(model, 'best'))
  const path = join(checkpoint, ONNX)
  exportRun(model, path, { checkpoint })
  return path
}

const ONNX = 'model.onnx'
