import { basename } from 'node:path'
import type { EmbeddedFace, Face, Liveness, ModelIdentity } from '@arcface/vision'

// What goes out: results of the library as plain JSON, and of a face nothing that was not asked for.

type MaybeLive = Face & { readonly liveness?: Liveness | undefined }

export const faceOf = ({ box, points, score, quality, grade, rejected, liveness }: MaybeLive) => ({
  ...{ box, points: [...points], score },
  quality: { ...quality },
  grade: { value: grade.value, parts: { ...grade.parts } },
  rejected: [...rejected],
  ...(liveness && { liveness: livenessOf(liveness) }),
})

const livenessOf = ({ live, score, threshold, stands, unsure, scores }: Liveness) => ({
  ...{ live, score, threshold },
  measured: stands.measured.map((one) => ({ ...one })),
  unsure: [...unsure],
  scores: scores.map((one) => ({ ...one })),
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
