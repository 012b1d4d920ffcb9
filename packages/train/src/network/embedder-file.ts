import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { readSidecar } from '@arcface/data/onnx'
import { messageOf, readWhole } from '@arcface/files'
import {
  ARCFACE_ALIGNMENT,
  type ArcfaceMetadata,
  decodeModel,
  getMetadata,
  type ModelProto,
  type Preprocessing,
  type PreprocessingInput,
  parseArcfaceMetadata,
  TensorProto_DataType,
} from '@arcface/onnx'
import { findPreprocessing, type PreprocessingSource } from '@arcface/vision'
import { TrainError } from '../errors.js'
import { type ImportedNetwork, importOnnx } from '../import/index.js'

const { FLOAT, UINT8 } = TensorProto_DataType

/** An embedder's ONNX file of which networks are made. */
export interface EmbedderFile {
  readonly path: string
  /** What messages and metadata call it. */
  readonly name: string
  /** Of its bytes, hexadecimal. */
  readonly sha256: string
  /** What its graph wants pixels to be. */
  readonly preprocessing: Preprocessing
  /** Length of its embeddings. */
  readonly dim: number
}

/** Who said what its pixels are to be. */
export type FoundFile = EmbedderFile & { readonly source: PreprocessingSource }

/**
 * Looks at an embedder's file: whether a network can be made of it, and what it wants pixels to be: by its metadata, by
 * `<file>.json` beside it, or by InsightFace's rule, as the embedder of @arcface/recognize does it.
 * @param given replaces single values
 * @throws TrainError TRAIN_WEIGHTS (not to be read), TRAIN_IMPORT; OnnxError; VisionError VISION_PREPROCESSING
 */
export function openEmbedderFile(path: string, given: PreprocessingInput | null): FoundFile {
  const bytes = read(path)
  const model = decodeModel(bytes, path)
  const metadata = parseArcfaceMetadata(getMetadata(model), path)
  checkAlignment(path, metadata)
  const { preprocessing, source } = findPreprocessing(path, model, metadata, {
    given: given ?? undefined,
    sidecar: readSidecar(path),
  })
  const network = networkOf(model, path)
  network.dispose()
  const { dim } = network
  return { path, name: basename(path), sha256: digest(bytes), preprocessing, source, dim }
}

/**
 * The graph as a network. One that takes bytes takes floats with their values: a cast to bytes would cut off what has no
 * gradient and 126.99999 is meant to be 127.
 */
export function networkOf(
  model: ModelProto,
  name: string,
  options: { unfold?: boolean } = {},
): ImportedNetwork {
  for (const { type } of model.graph?.input ?? [])
    if (type?.value.case === 'tensorType' && type.value.value.elemType === UINT8)
      type.value.value.elemType = FLOAT
  return importOnnx(model, name, options)
}

/** The bytes of a file, which are still those that were looked at. @throws TrainError TRAIN_WEIGHTS */
export function bytesOf({ path, sha256 }: Pick<EmbedderFile, 'path' | 'sha256'>): Uint8Array {
  const hint = `Put the file back whose SHA-256 is ${sha256}.`
  const bytes = read(path, hint)
  if (digest(bytes) === sha256) return bytes
  throw new TrainError(
    'TRAIN_WEIGHTS',
    `${path}: not the bytes that the training began with: it was changed or damaged`,
    { hint },
  )
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function read(path: string, hint?: string): Uint8Array {
  try {
    return readWhole(path)
  } catch (cause) {
    throw new TrainError('TRAIN_WEIGHTS', messageOf(cause), { cause, hint })
  }
}

/** Faces cut in another way would have to be cut so wherever the new network is used. */
function checkAlignment(path: string, metadata: ArcfaceMetadata | undefined): void {
  const { name, points } = metadata?.alignment ?? ARCFACE_ALIGNMENT
  const isOurs = points.every((point, i) =>
    point.every((at, axis) => Math.abs(at - ARCFACE_ALIGNMENT.points[i]![axis]!) < 0.01),
  )
  if (isOurs) return
  throw new TrainError(
    'TRAIN_IMPORT',
    `${path} wants faces aligned to "${name}"; what is trained here gets them aligned to "${ARCFACE_ALIGNMENT.name}"`,
  )
}
