import type { ModelDigests } from '@arcface/data/onnx'
import type { Thresholds } from '@arcface/onnx'
import type { Embedder } from '@arcface/vision'
import { type OpenEmbedderOptions, openEmbedder } from '../embedder/open.js'
import { ownThresholds, type ResolveOptions, resolveModel } from './resolve.js'

export interface OpenModelOptions
  extends ResolveOptions,
    Omit<OpenEmbedderOptions, 'packPreprocessing'> {}

/** An embedder, and what is known of its model. */
export interface OpenedModel extends ModelDigests {
  readonly embedder: Embedder
  readonly name: string
  readonly thresholds: Thresholds | undefined
}

/** Opens the embedder of a pack, an ONNX file or a run. @throws as `resolveModel` and `openEmbedder` */
export async function openModel(
  model: string,
  { cache, run, ...options }: OpenModelOptions = {},
): Promise<OpenedModel> {
  const { name, path, sha256, olderSha256, ...of } = await resolveModel(model, { cache, run })
  const embedder = await openEmbedder(path, { ...options, packPreprocessing: of.preprocessing })
  const thresholds = ownThresholds(of, embedder.metadata)
  return { embedder, name, sha256, olderSha256, thresholds }
}
