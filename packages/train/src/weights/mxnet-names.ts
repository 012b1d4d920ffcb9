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
 * Translates the names of InsightFace's MXNet ResNets (`stage1_unit1_conv1_weight`) to those of arcface_torch, which
 * are ours; other names stay as they are. MXNet's prefixes `arg:` and `aux:` are taken off.
 */
export const mxnetNames = <T>(weights: ReadonlyMap<string, T>): Map<string, T> =>
  new Map([...weights].map(([name, value]) => [translate(name.replace(/^(arg|aux):/, '')), value]))

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
