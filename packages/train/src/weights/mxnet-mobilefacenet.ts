import { noGrad, ops, type Tensor } from '@arcface/libtorch'

// InsightFace's MXNet `fmobilefacenet.py`: 1, 4, 6, 2 blocks, output "GDC".

/** Of BatchNorm, MXNet's default, which the blocks have; of the embedding's; and ours of both. */
const [BLOCK_EPSILON, OUTPUT_EPSILON, OUR_EPSILON] = [1e-3, 2e-5, 1e-5]

const blocks: Record<string, string> = {
  conv_1: 'layers.0',
  conv_2_dw: 'layers.1',
  dconv_23: 'layers.2',
  dconv_34: 'layers.4',
  dconv_45: 'layers.6',
  conv_6sep: 'conv_sep',
  conv_6dw7_7: 'features.layers.0',
}
/** Places of the stages of residual blocks. */
const stages: Record<string, string> = {
  res_2: 'layers.1',
  res_3: 'layers.3',
  res_4: 'layers.5',
  res_5: 'layers.7',
}
const parts: Record<string, string> = { sep: 'layers.0', dw: 'layers.1', proj: 'layers.2' }
const kinds: Record<string, string> = {
  conv2d: 'layers.0',
  batchnorm: 'layers.1',
  relu: 'layers.2',
}
const values: Record<string, string> = {
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_var: 'running_var',
  weight: 'weight',
}
const LINEAR = 'features.layers.2'
const OUTPUT = 'features.layers.3'

/** Whether these are the weights of InsightFace's MXNet MobileFaceNet, by their names. */
export const isMobileFaceNet = (weights: ReadonlyMap<string, unknown>): boolean =>
  weights.has('conv_6dw7_7_conv2d_weight')

/**
 * Brings the weights of InsightFace's MXNet MobileFaceNet to the names of arcface_torch's, which are ours, and to what
 * its layers compute: the linear layer has no bias of its own there, so that it goes into the mean of the BatchNorm
 * behind it, whose scale is 1 whatever is saved (`fix_gamma`); running variances take up the difference of the epsilons.
 * @returns tensors of which some are new: the scope's
 */
export function mobileFaceNetFromMxnet(given: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return noGrad(() => {
    const made = new Map<string, Tensor>()
    for (const [name, value] of given) {
      const ours = nameOf(name)
      const epsilon = ours.startsWith(OUTPUT) ? OUTPUT_EPSILON : BLOCK_EPSILON
      if (ours.endsWith('running_var')) made.set(ours, ops.add(value, epsilon - OUR_EPSILON))
      else if (ours === `${OUTPUT}.weight`) made.set(ours, ops.onesLike(value))
      else made.set(ours, value)
    }
    const [bias, mean] = [made.get(`${LINEAR}.bias`), made.get(`${OUTPUT}.running_mean`)]
    if (bias && mean) {
      made.set(`${OUTPUT}.running_mean`, ops.sub(mean, bias))
      made.delete(`${LINEAR}.bias`)
    }
    return made
  })
}

function nameOf(name: string): string {
  if (/^(pre_)?fc1_weight$/.test(name)) return `${LINEAR}.weight`
  if (name === 'pre_fc1_bias') return `${LINEAR}.bias`
  const [, layer = '', value = ''] =
    /^(.*)_(gamma|beta|moving_mean|moving_var|weight)$/.exec(name) ?? []
  if (layer === 'fc1') return `${OUTPUT}.${values[value]}`
  const [, block = '', kind = ''] = /^(.*)_(conv2d|batchnorm|relu)$/.exec(layer) ?? []
  const place = placeOf(block)
  return place === undefined ? name : `${place}.${kinds[kind]}.${values[value]}`
}

/** `res_4_block2_conv_dw` is `layers.5.layers.2.layers.1`. */
function placeOf(block: string): string | undefined {
  if (Object.hasOwn(blocks, block)) return blocks[block]
  const [, outer = '', part = ''] = /^(.*)_conv_(sep|dw|proj)$/.exec(block) ?? []
  const [, stage = '', index] = /^(res_\d)_block(\d+)$/.exec(outer) ?? []
  const place =
    index === undefined ? blocks[outer] : stages[stage] && `${stages[stage]}.layers.${index}`
  return place && `${place}.${parts[part]}`
}
