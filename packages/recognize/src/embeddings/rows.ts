import type { Face, Quality, Rejection } from '@arcface/vision'

/** A face of a photograph. */
export interface EmbeddingRow {
  /** The photograph, as it was named. */
  readonly path: string
  /** Where it lies and how good it is; null for a face that was aligned already. */
  readonly face: Face | null
  /** Of one that was aligned already: what can be known of its quality. */
  readonly aligned?: Quality
  /** Why the face is not recognised; of one that was aligned already only sharpness and noise are judged. */
  readonly rejected: readonly Rejection[]
  /** L2-normalised. */
  readonly embedding: Float32Array
  /** These as of `EmbeddedFace`. */
  readonly norm?: number
  readonly thumbnail?: Uint8Array
}

/** What became of a photograph: its faces, or why there are none. */
export type PhotoResult =
  | { readonly path: string; readonly faces: readonly EmbeddingRow[] }
  | { readonly path: string; readonly skipped: string }
