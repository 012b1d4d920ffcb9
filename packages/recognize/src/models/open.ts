import type { Thresholds } from '@arcface/onnx'
import type { Embedder } from '@arcface/vision'
import { type OpenEmbedderOptions, openEmbedder } from '../embedder/open.js'
import { ownThresholds, type ResolveOptions, resolveModel } from './resolve.js'

export interface OpenModelOptions
  extends ResolveOptions,
    Omit<OpenEmbedderOptions, 'packPreprocessing'> {}

/** An embedder, and what is known of its model. */
export interface OpenedModel {
  readonly embedder: Embedder
  readonly name: string
  /** Hexadecimal, see `modelDigest`. */
  readonly sha256: string
  readonly thresholds: Thresholds | undefined
}

/** Opens the embedder of a pack, an ONNX file or a run. @throws as `resolveModel` and `openEmbedder` */
export async function openModel(
  model: string,
  { cache, run, ...options }: OpenModelOptions = {},
): Promise<OpenedModel> {
  const { name, path, sha256, ...of } = await resolveModel(model, { cache, run })
  const embedder = await openEmbedder(path, { ...options, packPreprocessing: of.preprocessing })
  return { embedder, name, sha256, thresholds: ownThresholds(of, embedder.metadata) }
}
