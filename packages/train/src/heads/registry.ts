import { TrainError } from '../errors.js'
import { nearest } from '../nearest.js'
import { ArcFace, type ArcFaceOptions } from './arcface.js'
import type { Head } from './head.js'
import { Softmax } from './softmax.js'

export interface HeadOptions extends Partial<ArcFaceOptions> {
  /** Number of people. */
  classes: number
  /** Length of the embedding. */
  dim: number
}

type Build = (options: Required<HeadOptions>) => Head

const heads: Record<string, Build> = {
  arcface: ({ classes, dim, ...options }) => new ArcFace(classes, dim, options),
  softmax: ({ classes, dim }) => new Softmax(classes, dim),
}

export const listHeads = (): string[] => Object.keys(heads)

/**
 * A head with fresh centres by the name of its loss. Scale 64, margin 0.5 and the true gradient when left
 * out; plain softmax uses none of them.
 * @throws TrainError TRAIN_HEAD if there is none of that name or a setting is out of range
 */
export function createHead(
  name: string,
  { classes, dim, scale = 64, margin = 0.5, gradient = 'true' }: HeadOptions,
): Head {
  const build = Object.hasOwn(heads, name) ? heads[name] : undefined
  if (!build) {
    const meant = nearest(name, listHeads())
    throw new TrainError(
      'TRAIN_HEAD',
      `no loss named "${name}"${meant ? `; did you mean ${meant}?` : ''} Known: ${listHeads().join(', ')}.`,
    )
  }
  const wrong = Object.entries({
    'classes must be a positive integer': Number.isInteger(classes) && classes > 0,
    'dim must be a positive integer': Number.isInteger(dim) && dim > 0,
    'scale must be positive and finite': scale > 0 && Number.isFinite(scale),
    'margin must be in [0, pi)': margin >= 0 && margin < Math.PI,
    "gradient must be 'true' or 'straight-through'": ['true', 'straight-through'].includes(
      gradient,
    ),
  }).flatMap(([rule, kept]) => (kept ? [] : [rule]))
  if (wrong.length > 0) throw new TrainError('TRAIN_HEAD', `${name}: ${wrong.join('; ')}`)
  return build({ classes, dim, scale, margin, gradient })
}
