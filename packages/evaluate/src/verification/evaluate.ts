import { imageName, type PairList } from '@arcface/data'
import { type EmbedFn, type EmbedOptions, embedFiles, flipSum } from '../embeddings/embed.js'
import { type VerificationResult, verification } from './verification.js'

/**
 * Runs a model over a list of pairs: decodes each image once, embeds it, and applies the protocol.
 * With `flip` an embedding is f(image) + f(mirror image), normalised; else f(image).
 * @throws EvaluateError; DataError for an image that cannot be decoded; whatever `embed` throws
 */
export async function evaluateVerification(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions & { readonly flip?: boolean } = {},
): Promise<VerificationResult> {
  const { flip = false } = options
  const found = await embedFiles(pairs.images, embed, flip, options)
  return protocol(pairs, found.dim, flipSum(found))
}

/** Both results, without and with flip, for the price of the second. Errors as `evaluateVerification`. */
export async function evaluateVerificationBoth(
  pairs: PairList,
  embed: EmbedFn,
  options: EmbedOptions = {},
): Promise<{ plain: VerificationResult; flip: VerificationResult }> {
  const found = await embedFiles(pairs.images, embed, true, options)
  return {
    plain: protocol(pairs, found.dim, found.plain),
    flip: protocol(pairs, found.dim, flipSum(found)),
  }
}

function protocol(pairs: PairList, dim: number, embeddings: Float32Array): VerificationResult {
  const { a, b, same, folds, images } = pairs
  return verification({ embeddings, dim, a, b, same, folds, names: images.map(imageName) })
}
