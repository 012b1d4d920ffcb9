import { type nn, optim } from '@arcface/libtorch'
import { createBackbone } from '../backbones/index.js'
import type { Config } from '../config/schema.js'
import { createHead, type Head } from '../heads/index.js'

/** The backbone that a configuration names, on its device, in its memory format. */
export function buildBackbone({ model, train }: Pick<Config, 'model' | 'train'>): nn.Module {
  const { backbone, embedding, dropout } = model
  const built = createBackbone(backbone, { embeddingSize: embedding, dropout })
  return built.to({ device: train.device, memoryFormat: train.memoryFormat })
}

function buildHead({ model, loss, train }: Config, classes: number): Head {
  const { name, scale, margin, gradient } = loss
  const head = createHead(name, { classes, dim: model.embedding, scale, margin, gradient })
  head.to({ device: train.device })
  return head
}

/** Everything that training changes. */
export interface Training {
  backbone: nn.Module
  head: Head
  optimizer: optim.SGD
}

export function buildTraining(config: Config, classes: number): Training {
  const backbone = buildBackbone(config)
  const head = buildHead(config, classes)
  return { backbone, head, optimizer: buildOptimizer(config, backbone, head) }
}

/** SGD over backbone and head, as arcface_torch: the same settings for both. */
function buildOptimizer({ optimizer }: Config, backbone: nn.Module, head: nn.Module) {
  const { lr, momentum, weightDecay } = optimizer
  const named = (prefix: string, module: nn.Module) =>
    [...module.namedParameters()].map(([name, value]) => [`${prefix}.${name}`, value] as const)
  return new optim.SGD([{ params: [...named('backbone', backbone), ...named('head', head)] }], {
    lr,
    momentum,
    weightDecay,
  })
}
