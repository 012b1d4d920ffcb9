import { statSync } from 'node:fs'
import { digestOf } from '@arcface/files'
import type { nn } from '@arcface/libtorch'
import type { PreprocessingInput } from '@arcface/onnx'
import { openEmbedderFile } from '../network/embedder-file.js'
import { OnnxBackbone } from '../network/onnx-backbone.js'
import { findCheckpoint, weightsFile } from './checkpoint.js'
import { loadRun } from './load.js'

/** An embedder as a network in eval mode. */
export interface OpenedNetwork {
  /** Takes what the trainer makes of images, [N, 3, 112, 112], RGB in -1..1, to [N, dim], raw. */
  network: nn.Module
  /** Length of an embedding. */
  dim: number
  /** Of its weights: what it is known by. */
  sha256: string
}

/**
 * Opens an embedder for the trainer's images: an ONNX file, or the best network of a run.
 * @param preprocessing single values of what the file wants pixels to be, where it does not say so; a run knows its own
 * @throws TrainError TRAIN_WEIGHTS, TRAIN_IMPORT, TRAIN_RUN, TRAIN_CHECKPOINT; OnnxError; VisionError VISION_PREPROCESSING
 */
export async function openNetwork(
  what: string,
  preprocessing: PreprocessingInput | null = null,
): Promise<OpenedNetwork> {
  if (statSync(what, { throwIfNoEntry: false })?.isDirectory()) {
    const { backbone, config } = loadRun(what)
    const sha256 = await digestOf(weightsFile(findCheckpoint(what, 'best')), 'sha256')
    return { network: backbone, dim: config.model.embedding, sha256 }
  }
  const file = openEmbedderFile(what, preprocessing)
  const network = new OnnxBackbone(file).eval()
  return { network, dim: network.dim, sha256: file.sha256 }
}
