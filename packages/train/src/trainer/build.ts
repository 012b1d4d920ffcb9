import { type nn, optim } from '@arcface/libtorch'
import { createBackbone } from '../backbones/index.js'
import type { Config } from '../config/schema.js'
import { createLoss, type Loss } from '../losses/index.js'

/** The backbone that a configuration names, on its device, in its memory format. */
export function buildBackbone({ model, train }: Pick<Config, 'model' | 'train'>): nn.Module {
  const { backbone, embedding, dropout } = model
  const built = createBackbone(backbone, { embeddingSize: embedding, dropout })
  return built.to({ device: train.device, memoryFormat: train.memoryFormat })
}

function buildHead({ model, loss, train }: Config, classes: number): Loss {
  return createLoss(loss, { classes, dim: model.embedding }).to({ device: train.device })
}

/** Everything that training changes. */
export interface Training {
  backbone: nn.Module
  head: Loss
  optimizer: optim.SGD
}

export function buildTraining(config: Config, classes: number): Training {
  const backbone = buildBackbone(config)
  const head = buildHead(config, classes)
  return { backbone, head, optimizer: buildOptimizer(config, backbone, head) }
}

/** SGD over backbone and head, as arcface_torch: the same settings for both. */
function buildOptimizer({ optimizer }: Config, backbone: nn.Module, head: nn.Module) {
  const { lr, momentum, weightDecay, decayAll } = optimizer
  const named = (prefix: string, module: nn.Module) =>
    [...module.namedParameters()].map(([name, value]) => [`${prefix}.${name}`, value] as const)
  const all = [...named('backbone', backbone), ...named('head', head)]
  const decays = ([, { shape }]: (typeof all)[number]) => decayAll || shape.length > 1
  return new optim.SGD(
    [{ params: all.filter(decays) }, { params: all.filter((one) => !decays(one)), weightDecay: 0 }],
    { lr, momentum, weightDecay },
  )
}
