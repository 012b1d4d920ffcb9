import type { Detection } from '../detect/detection.js'
import type { Compared } from '../gallery/compare.js'
import type { Match, Searched } from '../gallery/identify.js'
import type { Rejection } from '../quality/limits.js'
import type { Quality } from '../quality/quality.js'
import type { ChosenSearchThreshold, ChosenThreshold } from './threshold.js'

/** A face of a photograph. */
export interface Face extends Detection {
  readonly quality: Quality
  /** Why the face is not recognised; empty where nothing speaks against it. */
  readonly rejected: readonly Rejection[]
}

export interface EmbeddedFace extends Face {
  /** L2-normalised, `model.dim` numbers. */
  readonly embedding: Float32Array
  /** The aligned face, 112 x 112, as JPEG; where `thumbnails` asks for it. */
  readonly thumbnail?: Uint8Array
}

/** A face and the people of a gallery whom it resembles. */
export interface IdentifiedFace extends EmbeddedFace, ChosenSearchThreshold {
  /** How many people and faces it was compared with, after the filter: the more, the higher the threshold. */
  readonly searched: Searched
  /**
   * People from the threshold on, the most similar first; none if it is nobody of the gallery, no threshold is known, or
   * the face is rejected.
   */
  readonly matches: readonly Match[]
}

/** Whether two photographs show the same person. */
export interface Verification extends ChosenThreshold {
  /** Cosine of the two embeddings. */
  readonly similarity: number
  /** Whether the cosine lies above the threshold; null where none is known, or a face is rejected. */
  readonly same: boolean | null
  /** Why the faces cannot be compared: what either is rejected for. */
  readonly rejected: readonly Rejection[]
  readonly a: EmbeddedFace
  readonly b: EmbeddedFace
}

/** Whether a photograph shows a person of a gallery. */
export interface PersonVerification extends ChosenThreshold, Omit<Compared, 'source'> {
  /** As it is written in the gallery. */
  readonly person: string
  /** Whether the cosine lies above the threshold; null where none is known, or the photograph's face is rejected. */
  readonly same: boolean | null
  /** Why the photograph's face cannot be compared. */
  readonly rejected: readonly Rejection[]
  /** Where the face of the gallery comes from; `source` names the pairs of the threshold. */
  readonly faceSource: string | null
  /** The photograph's face. */
  readonly a: EmbeddedFace
}

/** What an embedding comes from: a gallery keeps it, and refuses embeddings of another. */
export interface ModelIdentity {
  readonly name: string
  /** Of the embedder's file, hexadecimal. */
  readonly sha512: string
  /** Length of an embedding. */
  readonly dim: number
}
