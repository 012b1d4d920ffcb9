import type { nn } from '@arcface/libtorch'
import {
  ARCFACE_ALIGNMENT,
  type ArcfaceMetadataInput,
  encodeModel,
  setArcfaceMetadata,
} from '@arcface/onnx'
import { buildOnnx } from './build.js'
import { writeModel } from './file.js'

/** What a file says about the network in it; see `arcfaceMetadataSchema`. */
export type ExportMetadata = Pick<
  ArcfaceMetadataInput,
  'backbone' | 'base' | 'teacher' | 'loss' | 'data' | 'thresholds' | 'impostors' | 'calibration'
>

export interface ExportReport {
  path: string
  /** Length of an embedding. */
  dim: number
  /** Nodes of the graph. */
  nodes: number
  /** Values of the weights in the file. */
  parameters: number
  /** Size of the file. */
  bytes: number
}

/**
 * Writes a network as an ONNX file: float32 `input` [batch, 3, 112, 112], aligned faces, RGB 0..255, any
 * batch, to the raw `embedding` [batch, dim]. Its first nodes, Sub and Mul, normalise to -1..1, where
 * InsightFace's reader looks for them (model_zoo/arcface_onnx.py).
 * @throws TrainError TRAIN_EXPORT, TRAIN_DISK_FULL; an older file at `path` stays
 */
export function exportOnnx(
  module: nn.Module,
  path: string,
  metadata: ExportMetadata,
): ExportReport {
  const { model, dim } = buildOnnx(module)
  setArcfaceMetadata(model, {
    format: 1,
    input: { layout: 'NCHW', size: [112, 112] },
    alignment: ARCFACE_ALIGNMENT,
    dim,
    ...metadata,
  })
  const bytes = encodeModel(model)
  writeModel(path, bytes)
  const initializers = model.graph?.initializer ?? []
  return {
    path,
    dim,
    nodes: model.graph?.node.length ?? 0,
    parameters: initializers.reduce(
      (sum, { dims }) => sum + Number(dims.reduce((product, side) => product * side, 1n)),
      0,
    ),
    bytes: bytes.length,
  }
}
