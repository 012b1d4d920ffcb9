import type { CardFacts, MeasuredModel } from './facts.js'

/** Whether figures are of this very model, and not of another or of one that it was made of. */
export function isOwn({ file, metadata, weights = [] }: CardFacts, model?: MeasuredModel): boolean {
  if (model === undefined) return true
  const { base, loss, precision } = metadata
  // A file of others that was only written anew, as float32, and not trained.
  const same = base && loss.name === 'unknown' && !precision ? [base.sha256] : []
  return [file.sha256, ...weights, ...same].includes(model.sha256)
}

/** Whose figures these are, in words. */
export const whose = (card: CardFacts, model: MeasuredModel): string =>
  `model ${model.name} (SHA-256 of its weights ${model.sha256})${isOwn(card, model) ? '' : ', another file than this one'}`
