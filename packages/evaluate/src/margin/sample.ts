import type { MarginGradient, Margins } from './margins.js'
import { targetLogit, targetSlope } from './target.js'

/** One sample and how it lies to the centres. Angles in radians. */
export interface SampleOptions {
  /** To its own centre. */
  theta: number
  /** To each of the others. */
  other: number
  /** Number of classes, its own included. */
  classes: number
  scale: number
  margins: Margins
  gradient?: MarginGradient
}

/** What the loss makes of it. */
export interface SampleLoss {
  /** s times the target with its margin in. */
  logit: number
  /** s times the cosine to each of the others. */
  otherLogit: number
  /** Softmax of its own class. */
  probability: number
  /** Cross-entropy, -log of the probability. */
  loss: number
  /** Of the loss by its own logit: probability - 1. */
  byLogit: number
  /** Of the loss by theta, the others staying where they are: how strongly it is drawn to its centre. */
  byTheta: number
}

/** The unified margin's cross-entropy of one sample, and its gradient. Digits are kept where the loss is near 0. */
export function sampleLoss(options: SampleOptions): SampleLoss {
  const { theta, other, classes, scale, margins, gradient } = options
  const logit = scale * targetLogit(theta, margins)
  const otherLogit = scale * Math.cos(other)
  // log of the others' sum over the own power: the loss is its softplus.
  const behind = Math.log(classes - 1) + otherLogit - logit
  const small = Math.exp(-Math.abs(behind))
  const byLogit = -(behind > 0 ? 1 : small) / (1 + small)
  return {
    logit,
    otherLogit,
    probability: 1 + byLogit,
    loss: Math.max(behind, 0) + Math.log1p(small),
    byLogit,
    byTheta: byLogit * scale * targetSlope(theta, margins, gradient),
  }
}
