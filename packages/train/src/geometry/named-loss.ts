import { parseYaml } from '@arcface/files'
import { TrainError } from '../errors.js'
import type { LossOptions } from '../losses/index.js'

/** A loss and what a picture calls it. */
export interface NamedLoss {
  label: string
  loss: LossOptions
}

const titles: Readonly<Record<string, string>> = {
  softmax: 'Softmax',
  'norm-softmax': 'Norm-Softmax',
  sphereface: 'SphereFace',
  cosface: 'CosFace',
  arcface: 'ArcFace',
  cm1: 'CM1',
  cm2: 'CM2',
  curricularface: 'CurricularFace',
  magface: 'MagFace',
  adaface: 'AdaFace',
  elasticface: 'ElasticFace',
  'mv-softmax': 'MV-Softmax',
  circle: 'Circle',
  triplet: 'Triplet',
}

/**
 * A loss as a person writes it: a name, or as in a configuration `{name: arcface, margin: 0.3}`. The label shows the
 * settings that were given.
 * @throws TrainError TRAIN_LOSS if it is neither; whether there is such a loss says `createLoss`
 */
export function parseLoss(text: string): NamedLoss {
  const fail = () =>
    new TrainError(
      'TRAIN_LOSS',
      `"${text}" is no loss: write a name, or as in a configuration {name: arcface, margin: 0.3}`,
    )
  const value = parseYaml(text, fail)
  const loss = typeof value === 'string' ? { name: value } : value
  if (!isLoss(loss)) throw fail()
  const { name, ...settings } = loss
  const given = Object.entries(settings).map(
    ([key, setting]) =>
      `${key} ${typeof setting === 'object' ? JSON.stringify(setting) : String(setting)}`,
  )
  return { label: [titles[name] ?? name, ...given].join(', '), loss }
}

const isLoss = (value: unknown): value is LossOptions =>
  typeof value === 'object' && value !== null && typeof (value as LossOptions).name === 'string'
