// Protocols and statistics on plain embeddings.
//
// In: embeddings as Float32Array, row-major N x dim, and pairs of rows with their labels in folds;
// or a list of image files and a function that embeds them. Out: figures, all of them fractions
// (0.959, not 95.9), similarities as cosines in pair order. Nothing given is changed or kept; what
// is returned belongs to the caller. No tensor library: the model is a function passed in.
//
// Charts and reports are under `@arcface/evaluate/report`: they load a plotting library, which
// takes longer to start than most commands run.

export { EvaluateError } from './errors.js'
export type { VerificationInput } from './verification/distances.js'
export {
  type EmbedFn,
  type EmbedOptions,
  evaluateVerification,
  evaluateVerificationBoth,
  mirrorImages,
} from './verification/evaluate.js'
export type { FoldedAccuracy } from './verification/folds.js'
export {
  areaUnderRoc,
  type OperatingPoint,
  type RocPoint,
  rocCurve,
  tarAtFar,
} from './verification/roc.js'
export { type VerificationResult, verification } from './verification/verification.js'
