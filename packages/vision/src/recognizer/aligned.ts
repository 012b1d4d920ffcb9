import type { Thresholds } from '@arcface/onnx'
import type { Embedder } from '../embedder/embedder.js'
import {
  type JudgedAligned,
  judgeAligned,
  limitsOf,
  type QualityOption,
} from '../quality/limits.js'
import { cosine } from '../similarity/cosine.js'
import { comparedProbability } from '../threshold/probability.js'
import { chooseThreshold, type ThresholdOptions, verdictOf } from '../threshold/threshold.js'
import type { Verification } from './results.js'

export interface VerifyAlignedOptions extends ThresholdOptions {
  /** The model's own, where it names some. */
  readonly thresholds?: Thresholds | undefined
  /** Adds the embedding of the mirror image. */
  readonly flip?: boolean | undefined
  readonly quality?: QualityOption | undefined
}

export interface AlignedVerification extends Omit<Verification, 'a' | 'b'> {
  readonly a: JudgedAligned
  readonly b: JudgedAligned
}

/**
 * Whether two faces that were aligned already (112 x 112 x 3, RGB, uint8) show the same person; of them nothing but
 * sharpness and noise are judged.
 * @throws VisionError VISION_IMAGES, VISION_USE; what the runtime throws
 */
export async function verifyAligned(
  embedder: Embedder,
  a: Uint8Array,
  b: Uint8Array,
  { thresholds, flip = false, quality, far, threshold }: VerifyAlignedOptions = {},
): Promise<AlignedVerification> {
  const limits = limitsOf(quality)
  const chosen = chooseThreshold(thresholds, { far, threshold })
  const faces = { a: judgeAligned(a, limits), b: judgeAligned(b, limits) }
  const pixels = new Uint8Array(a.length + b.length)
  pixels.set(a)
  pixels.set(b, a.length)
  const { dim } = embedder
  const rows = await embedder.embed(pixels, 2, { flip })
  const similarity = cosine(rows.subarray(0, dim), rows.subarray(dim))
  const rejected = [...new Set([...faces.a.rejected, ...faces.b.rejected])]
  const same = verdictOf(chosen, similarity, rejected)
  const probability = comparedProbability(thresholds, similarity, rejected)
  return { similarity, ...chosen, same, ...probability, rejected, ...faces }
}
