// Optimizers over named parameters, whose state is loaded and saved by these names, and the clipping of gradients.
export { AdamW, type AdamWOptions } from './adamw.js'
export { clipGradNorm, clipScale, gradNorm, gradNormOf } from './clip.js'
export { Optimizer, type ParameterGroup } from './optimizer.js'
export { SGD, type SGDOptions } from './sgd.js'
