import type { Detection } from '../detect/detection.js'
import type { Match } from '../gallery/identify.js'
import type { Photo } from '../photo/photo.js'
import type { Quality } from '../quality/quality.js'

/** A path, the bytes of an image file, or a picture in memory. */
export type PhotoSource = string | Uint8Array | Photo

/** A face of a photograph. */
export interface Face extends Detection {
  readonly quality: Quality
}

export interface EmbeddedFace extends Face {
  /** L2-normalised, `model.dim` numbers. */
  readonly embedding: Float32Array
  /** The aligned face, 112 x 112, as JPEG; where `thumbnails` asks for it. */
  readonly thumbnail?: Uint8Array
}

/** A face and the people of a gallery whom it resembles. */
export interface IdentifiedFace extends EmbeddedFace {
  /** Only people from it on are in `matches`; null where neither the model nor the caller names one. */
  readonly threshold: number | null
  /** False accept rate that the threshold stands for between two photographs; null as in `Verification`. */
  readonly far: number | null
  /** The most similar first; none if it is nobody of the gallery. */
  readonly matches: readonly Match[]
}

/** Whether two photographs show the same person. */
export interface Verification {
  /** Cosine of the two embeddings. */
  readonly similarity: number
  /** The same person above it; null where neither the model nor the caller names one. */
  readonly threshold: number | null
  /** False accept rate that the threshold stands for, on the pairs named by `source`; null for a threshold of the caller's. */
  readonly far: number | null
  readonly source: string | null
  readonly same: boolean | null
  readonly a: EmbeddedFace
  readonly b: EmbeddedFace
}

/** What an embedding comes from: a gallery keeps it, and refuses embeddings of another. */
export interface ModelIdentity {
  readonly name: string
  /** Of the embedder's file, hexadecimal. */
  readonly sha512: string
  /** Length of an embedding. */
  readonly dim: number
}
