import { imageName, type PairList } from '@arcface/data'
import { type EmbedFn, flipSum } from '../embeddings/embed.js'
import { pairDistances } from '../verification/distances.js'
import { foldStarts } from '../verification/folds.js'
import { type VerificationResult, verification } from '../verification/verification.js'
import { type EmbedOptions, embedFiles } from './embed-files.js'

/**
 * Runs a model over a list of pairs: decodes each image once, embeds it, and applies the protocol.
 * With `flip` an embedding is f(image) + f(mirror image), normalised; else f(image). Folds are looked at before the model
 * runs.
 * @throws EvaluateError; DataError for an image that cannot be decoded; whatever `embed` throws
 */
export async function evaluateVerification(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions & { readonly flip?: boolean } = {},
): Promise<VerificationResult> {
  const { flip = false } = options
  foldStarts(pairs.same, pairs.folds)
  const found = await embedFiles(pairs.images, embed, flip, options)
  return protocol(pairs, found.dim, flipSum(found))
}

/** Both results, without and with flip, for the price of the second. Errors as `evaluateVerification`. */
export async function evaluateVerificationBoth(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions = {},
): Promise<{ plain: VerificationResult; flip: VerificationResult }> {
  foldStarts(pairs.same, pairs.folds)
  const found = await embedFiles(pairs.images, embed, true, options)
  return {
    plain: protocol(pairs, found.dim, found.plain),
    flip: protocol(pairs, found.dim, flipSum(found)),
  }
}

/**
 * The cosine of each pair, in list order: what a threshold needs, which is of all pairs at once and wants no folds.
 * @throws as `evaluateVerification`, but for folds
 */
export async function pairSimilarities(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions & { readonly flip?: boolean } = {},
): Promise<Float64Array> {
  const { flip = false } = options
  const found = await embedFiles(pairs.images, embed, flip, options)
  const names = pairs.images.map(imageName)
  const distances = pairDistances({ ...pairs, embeddings: flipSum(found), dim: found.dim, names })
  return distances.map((distance) => 1 - distance / 2)
}

function protocol(pairs: PairList, dim: number, embeddings: Float32Array): VerificationResult {
  const { a, b, same, folds, images } = pairs
  return verification({ embeddings, dim, a, b, same, folds, names: images.map(imageName) })
}
