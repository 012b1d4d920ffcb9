import { basename } from 'node:path'
import type { EmbeddedFace, Face, ModelIdentity } from '@arcface/vision'

// What goes out: results of the library as plain JSON, and of a face nothing that was not asked for.

export const faceOf = ({ box, points, score, quality, grade, rejected }: Face) => ({
  ...{ box, points: [...points], score },
  quality: { ...quality },
  grade: { value: grade.value, parts: { ...grade.parts } },
  rejected: [...rejected],
})

export const withEmbedding = (face: EmbeddedFace) => ({
  ...faceOf(face),
  embedding: Array.from(face.embedding),
})

/** What a model is called: of a file not where it lies on this machine. */
export const modelOf = ({ name, sha256, dim }: ModelIdentity) => ({
  name: basename(name),
  sha256,
  dim,
})
