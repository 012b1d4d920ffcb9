import { basename } from 'node:path'
import { readModel } from '@arcface/data/onnx'
import {
  ARCFACE_ALIGNMENT,
  type ArcfaceMetadata,
  arcfaceMetadataSchema,
  decodeModel,
  encodeModel,
  externalFiles,
  freeBatch,
  type ModelProto,
  setArcfaceMetadata,
  takePixels,
  thresholdMetadata,
  withoutTinyWeights,
} from '@arcface/onnx'
import { adaptModel, cosine, Embedder, IMAGE_BYTES, networkShape } from '@arcface/vision'
import { openEmbedder } from '../embedder/open.js'
import { RecognizeError } from '../errors.js'
import type { OpenModelOptions } from '../models/open.js'
import { type ResolvedModel, resolveModel } from '../models/resolve.js'
import type { NetworkOptions } from '../network/network.js'
import { modelInMemory } from './network.js'

/** A model as one of our own files: RGB 0..255 in, with our metadata. */
export interface OwnModel {
  readonly name: string
  /** The file that it is read from, and whether that is one of ours. */
  readonly path: string
  readonly isOurs: boolean
  readonly model: ModelProto
  readonly metadata: ArcfaceMetadata
}

/**
 * The embedder of a file, a pack or a run as one of our own files: what had to be done to pixels is done within, and any
 * batch goes in, where the network takes one.
 * @throws as `openModel`; RecognizeError RECOGNIZE_EXPORT: weights in other files
 */
export async function ownModel(
  name: string,
  { cache, run, ...options }: OpenModelOptions,
): Promise<OwnModel> {
  const resolved = await resolveModel(name, { cache, run })
  const { path, preprocessing } = resolved
  const read = await readModel(path)
  // Others find the weights as fast as we do.
  const clean = withoutTinyWeights(read)
  const model = clean ? decodeModel(clean, path) : read
  if (externalFiles(model, path).length > 0)
    throw new RecognizeError('RECOGNIZE_EXPORT', `${path}: it keeps its weights in other files`, {
      hint: 'Save it as one file.',
    })
  const embedder = await openEmbedder(path, { ...options, packPreprocessing: preprocessing })
  try {
    if (embedder.metadata) return { name, path, isOurs: true, model, metadata: embedder.metadata }
    const { output } = adaptModel(model, networkShape(model, path))
    model.graph!.output = model.graph!.output.filter(({ name }) => name === output)
    takePixels(model, embedder.preprocessing)
    const metadata = metadataOf(resolved, embedder.dim)
    setArcfaceMetadata(model, metadata)
    const freed = await withFreeBatch(model, name, embedder, options)
    return { name, path, isOurs: false, model: freed, metadata }
  } finally {
    await embedder.close()
  }
}

/** Of a model of others: what nobody knows is said to be unknown. */
const metadataOf = ({ name, sha256, thresholds }: ResolvedModel, dim: number): ArcfaceMetadata =>
  arcfaceMetadataSchema.parse({
    format: 1,
    input: { layout: 'NCHW', size: [112, 112] },
    alignment: ARCFACE_ALIGNMENT,
    dim,
    loss: { name: 'unknown' },
    backbone: basename(name, '.onnx'),
    base: { name: basename(name), sha256 },
    ...(thresholds && thresholdMetadata(thresholds)),
  })

/** With any batch, where two faces at once are as two alone; otherwise as it was. */
async function withFreeBatch(
  model: ModelProto,
  name: string,
  embedder: Embedder,
  options: NetworkOptions,
): Promise<ModelProto> {
  if (networkShape(model, name).fixedBatch !== 1) return model
  const freed = decodeModel(encodeModel(model), name)
  freeBatch(freed)
  const source = modelInMemory(name, encodeModel(freed), options)
  const faces = Uint8Array.from({ length: 2 * IMAGE_BYTES }, (_, i) => (i * 31 + (i >> 9)) % 256)
  try {
    const several = await Embedder.open(source)
    try {
      const [a, b] = await Promise.all([embedder.embed(faces, 2), several.embed(faces, 2)])
      const second = (rows: Float32Array) => rows.subarray(embedder.dim)
      return cosine(second(a), second(b)) > 0.9999 ? freed : model
    } finally {
      await several.close()
    }
  } catch {
    return model // ONNX Runtime refuses two
  }
}
