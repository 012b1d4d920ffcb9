import type { nn } from '@arcface/libtorch'
import { createBackbone } from '../backbones/index.js'
import type { Config } from '../config/schema.js'

/** The backbone that a configuration names, on its device, in its memory format. */
export function buildBackbone({ model, train }: Pick<Config, 'model' | 'train'>): nn.Module {
  const { backbone, embedding, dropout } = model
  const built = createBackbone(backbone, { embeddingSize: embedding, dropout })
  return built.to({ device: train.device, memoryFormat: train.memoryFormat })
}
