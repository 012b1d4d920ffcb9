import { type nn, optim } from '@arcface/libtorch'
import { createBackbone } from '../backbones/index.js'
import type { Config } from '../config/schema.js'
import { Team } from '../distributed/team.js'
import { createLoss, type Loss } from '../losses/index.js'

/** The backbone that a configuration names, on its device, in its memory format. */
export function buildBackbone({ model, train }: Pick<Config, 'model' | 'train'>): nn.Module {
  const { backbone, embedding, dropout } = model
  const built = createBackbone(backbone, { embeddingSize: embedding, dropout })
  return built.to({ device: train.device, memoryFormat: train.memoryFormat })
}

function buildHead({ model, loss, train }: Config, classes: number, team: Team): Loss {
  const shape = { classes, dim: model.embedding }
  return (team.shardLoss(loss, shape) ?? createLoss(loss, shape)).to({ device: train.device })
}

/** Everything that training changes. */
export interface Training {
  backbone: nn.Module
  head: Loss
  optimizer: optim.SGD
  /** The processes that train it. */
  team: Team
  /** Number of people, of whom the head may have a part. */
  classes: number
}

export function buildTraining(config: Config, classes: number, team = Team.alone()): Training {
  const backbone = buildBackbone(config)
  const head = buildHead(config, classes, team)
  team.attach(backbone, head)
  return { backbone, head, optimizer: buildOptimizer(config, backbone, head), team, classes }
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
