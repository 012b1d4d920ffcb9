import type { Face } from '../faces/finder.js'
import type { Liveness } from '../liveness/result.js'
import type { Rejection } from '../quality/limits.js'
import type { MatchProbability } from '../threshold/probability.js'
import type { ChosenThreshold } from '../threshold/threshold.js'

/** A face, and whether it looks like a living one. */
export interface LiveFace extends Face {
  readonly liveness: Liveness
}

export interface EmbeddedFace extends Face {
  /** L2-normalised, `model.dim` numbers. */
  readonly embedding: Float32Array
  /** Its length before it was normalised, see `EmbeddedRows`; absent where the network normalises by itself. */
  readonly norm?: number
  /** The aligned face, 112 x 112, as JPEG; where `thumbnails` asks for it. */
  readonly thumbnail?: Uint8Array
}

/** Whether two photographs show the same person; how likely that is where the model is calibrated and no face is rejected. */
export interface Verification extends ChosenThreshold, Partial<MatchProbability> {
  /** Cosine of the two embeddings. */
  readonly similarity: number
  /** Whether the cosine lies above the threshold; null where none is known, or a face is rejected. */
  readonly same: boolean | null
  /** Why the faces cannot be compared: what either is rejected for. */
  readonly rejected: readonly Rejection[]
  readonly a: EmbeddedFace
  readonly b: EmbeddedFace
}

/** What an embedding comes from: a gallery keeps it, and refuses embeddings of another. */
export interface ModelIdentity {
  readonly name: string
  /** Of the embedder's file, hexadecimal; of one that keeps weights in others, see `modelDigest` of @arcface/data/onnx. */
  readonly sha256: string
  /** What the model was known by before weights in other files counted, for galleries of then. */
  readonly olderSha256?: string | undefined
  /** Length of an embedding. */
  readonly dim: number
}
