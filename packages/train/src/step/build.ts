import { type nn, optim } from '@arcface/libtorch'
import type { Config } from '../config/schema.js'
import { Team } from '../distributed/team.js'
import { TrainError } from '../errors.js'
import { blockHead } from '../head/block-head.js'
import { createLoss, type Loss } from '../losses/index.js'
import { NoLoss } from '../losses/none.js'
import { buildBackbone, fileOf } from '../network/build.js'
import type { EmbedderFile } from '../network/embedder-file.js'
import { beginWith } from '../weights/begin.js'
import { WeightAverage, WeightMix } from './average.js'
import { freeze } from './freeze.js'
import { LossScale } from './loss-scale.js'
import { Recorder } from './recorder.js'
import type { Training } from './training.js'

function buildHead(
  { loss, head, train }: Config,
  shape: { classes: number; dim: number },
  team: Team,
): Loss {
  if (loss.name === 'none') return new NoLoss()
  const whole = team.shardLoss(loss, shape) ?? createLoss(loss, shape)
  return blockHead(whole, head, shape.classes, train).to({ device: train.device })
}

/**
 * @param file what a backbone that is an ONNX graph is made of, in place of the file that the configuration names
 * @throws TrainError TRAIN_WEIGHTS, TRAIN_BACKBONE, TRAIN_IMPORT, TRAIN_LOSS; DataError; OnnxError; VisionError
 */
export function buildTraining(
  config: Config,
  classes: number,
  team = Team.alone(),
  file: EmbedderFile | null = fileOf(config.model),
): Training {
  const backbone = buildBackbone(config, file)
  const dim = file?.dim ?? config.model.embedding
  const head = buildHead(config, { classes, dim }, team)
  if (config.head.init === 'means' && head.centres === null)
    throw new TrainError(
      'TRAIN_LOSS',
      `head.init: ${config.loss.name} has no centres to begin as means; leave it out`,
    )
  const { weights, freeze: frozen } = config.model
  const beginning = weights === null || file ? null : beginWith(weights, backbone, dim)
  freeze(backbone, frozen)
  team.attach(backbone, head)
  const optimizer = buildOptimizer(config, backbone, head)
  const average = buildAverage(config, file, backbone)
  const { device, precision } = config.train
  const scale = precision === 'fp16' ? new LossScale(device) : null
  const recorder = Recorder.of(config, head, team.world === 1)
  return {
    ...{ backbone, head, optimizer, average, distillation: null, scale, recorder, team },
    ...{ classes, beginning },
    [Symbol.dispose]() {
      for (const one of [recorder, backbone, head, optimizer, average?.network, average?.start])
        one?.dispose()
      scale?.dispose()
      this.distillation?.[Symbol.dispose]()
    },
  }
}

function buildAverage(
  config: Config,
  file: EmbedderFile | null,
  backbone: nn.Module,
): Training['average'] {
  const { ema, keep } = config.train
  const another = () => buildBackbone(config, file)
  if (keep > 0) return new WeightMix(another(), another(), keep, backbone)
  return ema > 0 ? new WeightAverage(another(), ema, backbone) : null
}

/** SGD over backbone and head, as arcface_torch: the same settings for both, but for the rate if they have two. */
function buildOptimizer({ optimizer }: Config, backbone: nn.Module, head: nn.Module) {
  const { lr, backboneLr, momentum, weightDecay, decayAll } = optimizer
  const groupsOf = (prefix: string, module: nn.Module, own: { lr?: number } = {}) => {
    const all = [...module.namedParameters()].flatMap(([name, value]) =>
      value.requiresGrad ? [[`${prefix}.${name}`, value] as const] : [],
    )
    const decays = ([, { shape }]: (typeof all)[number]) => decayAll || shape.length > 1
    return [
      { ...own, params: all.filter(decays) },
      { ...own, params: all.filter((one) => !decays(one)), weightDecay: 0 },
    ]
  }
  return new optim.SGD(
    [
      ...groupsOf('backbone', backbone, backboneLr === null ? {} : { lr: backboneLr }),
      ...groupsOf('head', head),
    ],
    { lr, momentum, weightDecay },
  )
}
