// What training minimises: embeddings [N, D] and labels [N], int64, in; a scalar out. Losses and the terms that are
// added to them, by name, with what a configuration may say of each. Angles and margins are radians.

export type { MarginGradient, Margins } from '@arcface/evaluate'
export { ClassLoss } from './class-loss.js'
export { CosineLoss } from './cosine-loss.js'
export { Loss, type Moment } from './loss.js'
export { createLoss, type LossOptions, listLosses, lossSchema } from './registry.js'
export { listRegularizers } from './regularizers/registry.js'
export { Regularizer } from './regularizers/regularizer.js'
export type { LossShape } from './shape.js'
export { Softmax } from './softmax.js'
export { Triplet, type TripletOptions } from './triplet.js'
export { UnifiedMargin, type UnifiedMarginOptions } from './unified.js'
