import { VisionError } from '../errors.js'

/** From this cosine on two embeddings are taken for the same picture's. */
export const SAME_PICTURE = 0.999

/**
 * The cosine of two embeddings, from -1 to 1: how alike two faces are. They need not be normalised.
 * @throws VisionError VISION_EMBEDDING: of different lengths, of zeros only, not finite, or no Float32Array
 */
export function cosine(a: Float32Array, b: Float32Array): number {
  if (!(a instanceof Float32Array && b instanceof Float32Array))
    throw new VisionError('VISION_EMBEDDING', 'an embedding is a Float32Array')
  if (a.length !== b.length)
    throw new VisionError(
      'VISION_EMBEDDING',
      `embeddings of ${a.length} and ${b.length} numbers are of different models`,
    )
  let [product, squareA, squareB] = [0, 0, 0]
  for (let k = 0; k < a.length; k++) {
    product += a[k]! * b[k]!
    squareA += a[k]! * a[k]!
    squareB += b[k]! * b[k]!
  }
  const value = product / Math.sqrt(squareA * squareB)
  if (!Number.isFinite(value))
    throw new VisionError('VISION_EMBEDDING', 'an embedding is zero or not finite')
  return Math.max(-1, Math.min(1, value))
}
