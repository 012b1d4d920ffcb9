import { type ExportedRow, type PersonRow, type Rotation, rowWithFace } from '@arcface/vision'
import { embeddingOf, type StoredFace } from '../store/rows.js'

/** Copied, so that it stays when the batch is gone; the embedding as it came, before a rotation turned it. */
export const exportedFace = (
  face: StoredFace,
  person: PersonRow,
  rotation: Rotation | undefined,
): ExportedRow =>
  rowWithFace(
    {
      ...face,
      embedding: rotation?.turnBack(embeddingOf(face)) ?? embeddingOf(face),
      thumbnail: face.thumbnail && Uint8Array.from(face.thumbnail),
    },
    person,
  )
