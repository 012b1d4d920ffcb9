import { Random, ROTATION_KEY, Rotation } from '@arcface/vision'
import { TrainError } from '../errors.js'

/** What stands between an attacker and what a template gives away; `none` is the network and its templates as they are. */
export interface Protection {
  /** As it is named on a command line. */
  readonly name: string
  /** Whether the network still has the statistics of its BatchNorm layers. */
  readonly hasBatchNorm: boolean
  /** What is stolen in place of a template; undefined where templates are as they are. */
  readonly steal?: (template: Float32Array) => Promise<Float32Array> | Float32Array
}

export const NO_PROTECTION: Protection = { name: 'none', hasBatchNorm: true }

const KNOWN = 'folded, rotated, bits=8, bits=1, dims=64'

/**
 * A protection by its name. `folded`: the network's BatchNorm is folded into its convolutions, as in an exported file.
 * `rotated`: templates are turned by a secret orthogonal matrix. `bits=N`: each value of a template is kept with N bits
 * (8 is int8, 1 the sign alone). `dims=N`: the first N values of a template are kept.
 * @param seed draws the key of `rotated`, which the attacker has not
 * @throws TrainError TRAIN_CONFIG
 */
export function protectionOf(name: string, seed: number): Protection {
  const [kind = '', text, ...more] = name.split('=')
  const number = text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined
  if (name === 'folded') return { name, hasBatchNorm: false }
  if (name === 'rotated') return { name, hasBatchNorm: true, steal: rotated(seed) }
  if (number !== undefined && more.length === 0) {
    if (kind === 'bits' && number <= 16)
      return { name, hasBatchNorm: true, steal: (one) => quantised(one, number) }
    if (kind === 'dims') return { name, hasBatchNorm: true, steal: (one) => shortened(one, number) }
  }
  throw new TrainError('TRAIN_CONFIG', 'no such protection of templates', {
    hint: `Known are ${KNOWN}.`,
  })
}

function shortened(template: Float32Array, dims: number): Float32Array {
  if (dims < template.length) return template.slice(0, dims)
  throw new TrainError(
    'TRAIN_CONFIG',
    `dims=${dims} leaves out nothing: templates of this model have ${template.length} values`,
  )
}

/** Symmetric about 0, by the largest value; one bit is the sign. */
function quantised(template: Float32Array, bits: number): Float32Array {
  if (bits === 1) return template.map((value) => (value < 0 ? -1 : 1))
  const levels = 2 ** (bits - 1) - 1
  const largest = template.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return template.map((value) => Math.round((value / largest) * levels) / levels)
}

function rotated(seed: number): NonNullable<Protection['steal']> {
  const random = new Random(seed, 2)
  const key = Uint8Array.from({ length: ROTATION_KEY }, () => random.below(256))
  let rotation: Promise<Rotation> | undefined
  return async (template) => {
    rotation ??= Rotation.of(key, template.length, 'inversion')
    return (await rotation).turn(template)
  }
}
