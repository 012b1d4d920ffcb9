import type { nn } from '@arcface/libtorch'
import { createBackbone } from '../backbones/index.js'
import { ONNX } from '../config/model.js'
import type { Config } from '../config/schema.js'
import { TrainError } from '../errors.js'
import { type EmbedderFile, type FoundFile, openEmbedderFile } from './embedder-file.js'
import { OnnxBackbone } from './onnx-backbone.js'

/** The file of a backbone that is an ONNX graph, as a configuration names it; null for the others. Errors as `openEmbedderFile`. */
export const fileOf = ({ backbone, weights, preprocessing }: Config['model']): FoundFile | null =>
  backbone === ONNX && weights !== null ? openEmbedderFile(weights, preprocessing) : null

/**
 * The backbone that a configuration names, on its device, in its memory format.
 * @param file what a graph is made of, in place of the one that the configuration names
 */
export function buildBackbone(
  { model, train }: Pick<Config, 'model' | 'train'>,
  file: EmbedderFile | null = fileOf(model),
): nn.Module {
  const { backbone, embedding, dropout } = model
  const built = file
    ? new OnnxBackbone(file, model.unfold)
    : createBackbone(backbone, { embeddingSize: embedding, dropout })
  return built.to({ device: train.device, memoryFormat: train.memoryFormat })
}

/**
 * A configuration in which what its ONNX file decides has its value: length of the embedding, preprocessing.
 * @throws TrainError TRAIN_CONFIG where another length was asked for
 */
export function withFile(config: Config, file: EmbedderFile | null): Config {
  if (!file) return config
  const { model } = config
  const { dim, preprocessing } = file
  if (model.embedding !== 0 && model.embedding !== dim)
    throw new TrainError(
      'TRAIN_CONFIG',
      `model.embedding: ${file.path} makes embeddings of ${dim} values, not ${model.embedding}; leave it out`,
    )
  return { ...config, model: { ...model, embedding: dim, preprocessing } }
}
