import type { RecordBatch } from 'apache-arrow'

/** A row of `people`. Names are unique; `id` never changes, and faces refer to it. */
export interface PersonRow {
  id: string
  name: string
  groups: string[]
  /** JSON. */
  metadata: string
  /** Milliseconds since 1970. */
  added: number
}

/** A row of `faces`. Groups are those of the person, so that a search can filter by them. */
export interface FaceRow {
  id: string
  person: string
  groups: string[]
  embedding: Float32Array
  source: string | null
  thumbnail: Uint8Array | null
  added: number
  /** sha-256 of the photograph's file. This and the two that follow are missing in galleries of before: see `widen`. */
  photo: string | null
  /** sha-256 of the embedding. */
  print: string | null
  /** Path of the photograph when it was enrolled with its folder. */
  origin: string | null
}

/** Columns of a face as LanceDB gives them: the embedding is a vector of Arrow's. */
export type StoredFace<Column extends keyof FaceRow = keyof FaceRow> = Pick<
  FaceRow,
  Exclude<Column, 'embedding'>
> & { embedding: { toArray(): Float32Array } }

/** All embeddings of a batch, n x dim, as they lie in it. */
export const embeddingsIn = (batch: RecordBatch): Float32Array =>
  batch.getChild('embedding')!.getChildAt(0)!.toArray()

/** A copy of its own, which stays when the batch is gone. */
export const embeddingOf = ({ embedding }: Pick<StoredFace, 'embedding'>): Float32Array =>
  Float32Array.from(embedding.toArray())
