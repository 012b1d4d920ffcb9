import type { nn } from '@arcface/libtorch'
import { nearest } from '@arcface/vision'
import { TrainError } from '../errors.js'
import { IResNet, type IResNetOptions } from './iresnet.js'
import { MobileFaceNet, type MobileFaceNetOptions } from './mobilefacenet.js'

export interface BackboneOptions {
  /** Length of the embedding, 512. */
  embeddingSize?: number
  /** Share of the last features that training zeroes, 0. IResNet only. */
  dropout?: number
}

type Build = (name: string, options: Required<BackboneOptions>) => nn.Module

const published = {
  widths: [64, 128, 256, 512],
  stemStride: 1,
  firstStride: 2,
  activation: 'prelu',
} as const
/** A sixteenth of the work for a block: half the widths on a quarter of the pixels. */
const small = {
  widths: [32, 64, 128, 256],
  stemStride: 2,
  firstStride: 2,
  activation: 'leaky',
} as const

const iresnet =
  (shape: Omit<IResNetOptions, keyof BackboneOptions>): Build =>
  (_, options) =>
    new IResNet({ ...shape, ...options })

const mobilefacenet =
  (shape: Omit<MobileFaceNetOptions, keyof BackboneOptions>): Build =>
  (name, { embeddingSize, dropout }) => {
    if (dropout !== 0)
      throw new TrainError('TRAIN_BACKBONE', `${name} has no dropout; set it to 0, not ${dropout}`)
    return new MobileFaceNet({ ...shape, embeddingSize })
  }

const backbones: Record<string, Build> = {
  r18: iresnet({ ...published, layers: [2, 2, 2, 2] }),
  r34: iresnet({ ...published, layers: [3, 4, 6, 3] }),
  r50: iresnet({ ...published, layers: [3, 4, 14, 3] }),
  r100: iresnet({ ...published, layers: [3, 13, 30, 3] }),
  mobilefacenet: mobilefacenet({ blocks: [1, 4, 6, 2], scale: 2 }),
  'mobilefacenet-large': mobilefacenet({ blocks: [2, 8, 12, 4], scale: 4 }),
  // For a CPU.
  'r10-small': iresnet({ ...small, layers: [1, 1, 1, 1] }),
  'r18-small': iresnet({ ...small, layers: [2, 2, 2, 2] }),
  'mobilefacenet-small': mobilefacenet({ blocks: [1, 4, 6, 2], scale: 1 }),
}

export const listBackbones = (): string[] => Object.keys(backbones)

/**
 * A network with fresh weights (arcface_torch's initialisation) by name, in training mode:
 * [N, 3, 112, 112] in -1..1 to [N, embeddingSize], not normalised.
 * @throws TrainError TRAIN_BACKBONE if there is none of that name or an option does not fit
 */
export function createBackbone(
  name: string,
  { embeddingSize = 512, dropout = 0 }: BackboneOptions = {},
): nn.Module {
  const build = Object.hasOwn(backbones, name) ? backbones[name] : undefined
  if (!build) {
    const meant = nearest(name, listBackbones())
    throw new TrainError(
      'TRAIN_BACKBONE',
      `no backbone named "${name}"${meant ? `; did you mean ${meant}?` : ''}`,
      {
        hint: `Known: ${listBackbones().join(', ')}; and onnx, with an ONNX file as model.weights (or, for the command, a pack).`,
      },
    )
  }
  if (!Number.isInteger(embeddingSize) || embeddingSize < 1)
    throw new TrainError(
      'TRAIN_BACKBONE',
      `${name}: the embedding size must be a positive integer, not ${embeddingSize}`,
    )
  if (!(dropout >= 0 && dropout < 1))
    throw new TrainError('TRAIN_BACKBONE', `${name}: dropout must be in [0, 1), not ${dropout}`)
  return build(name, { embeddingSize, dropout })
}
