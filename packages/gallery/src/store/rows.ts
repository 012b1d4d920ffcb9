import { createHash } from 'node:crypto'
import type { FaceRow as Row } from '@arcface/vision'
import type { RecordBatch } from 'apache-arrow'

/** A row of `faces`. Groups are those of the person, so that a search can filter by them; see `widen` for what older ones lack. */
export interface FaceRow extends Row {
  groups: readonly string[]
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

/** sha-256 of an embedding's bytes, hexadecimal. */
export const printOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex')
