import type { Tensor } from '@arcface/libtorch'
import { isMobileFaceNet, mobileFaceNetFromMxnet } from './mxnet-mobilefacenet.js'

const values: Record<string, string> = {
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_var: 'running_var',
  weight: 'weight',
  bias: 'bias',
}

/** Layers outside the units, and inside one, as InsightFace's MXNet `fresnet.py` names them ("E" output, unit 3). */
const outside: Record<string, string> = {
  conv0: 'conv1',
  bn0: 'bn1',
  relu0: 'prelu',
  bn1: 'bn2',
  pre_fc1: 'fc',
  fc1: 'features',
}
const inside: Record<string, string> = {
  bn1: 'bn1',
  conv1: 'conv1',
  bn2: 'bn2',
  relu1: 'prelu',
  conv2: 'conv2',
  bn3: 'bn3',
  conv1sc: 'downsample.0',
  sc: 'downsample.1',
}

/**
 * Brings weights of InsightFace's MXNet networks, ResNets (`stage1_unit1_conv1_weight`) and MobileFaceNet, to
 * arcface_torch's names, which are ours; other names stay as they are. MXNet's prefixes `arg:` and `aux:` are taken off.
 * @returns tensors of which some may be new: the scope's
 */
export function fromMxnet(given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const bare = new Map([...given].map(([name, value]) => [name.replace(/^(arg|aux):/, ''), value]))
  return isMobileFaceNet(bare)
    ? mobileFaceNetFromMxnet(bare)
    : new Map([...bare].map(([name, value]) => [translate(name), value]))
}

function translate(name: string): string {
  const [, stage, unit, layer, value] =
    /^(?:stage(\d+)_unit(\d+)_)?([a-z0-9_]+?)_(gamma|beta|moving_mean|moving_var|weight|bias)$/.exec(
      name,
    ) ?? []
  const ours = (stage === undefined ? outside : inside)[layer ?? '']
  if (ours === undefined || value === undefined) return name
  const place = stage === undefined ? '' : `layer${stage}.${Number(unit) - 1}.`
  return `${place}${ours}.${values[value]}`
}
