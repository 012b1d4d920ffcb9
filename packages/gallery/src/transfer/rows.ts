import { type ExportedRow, type PersonRow, rowWithFace } from '@arcface/vision'
import { embeddingOf, type StoredFace } from '../store/rows.js'

/** Copied, so that it stays when the batch is gone. */
export const exportedFace = (face: StoredFace, person: PersonRow): ExportedRow =>
  rowWithFace(
    {
      ...face,
      embedding: embeddingOf(face),
      thumbnail: face.thumbnail && Uint8Array.from(face.thumbnail),
    },
    person,
  )
