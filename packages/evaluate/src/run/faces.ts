import { type Face, reasonsOf } from '@arcface/vision'
import { telling, type WorkOptions } from './work.js'

/** What became of a photograph, as @arcface/recognize's `embedAligned` and `embedPhotos` say it. */
export type EmbeddedPhoto =
  | {
      readonly path: string
      readonly faces: readonly {
        /** Null for a face that was aligned already. */
        readonly face: Face | null
        /** L2-normalised. */
        readonly embedding: Float32Array
        /** Its length before. */
        readonly norm?: number
      }[]
    }
  | { readonly path: string; readonly skipped: string }

/** A photograph of which there is no embedding, and why. */
export interface SkippedPhoto {
  readonly photo: string
  readonly reason: string
}

/** A face of which a verdict is given. */
export interface KeptFace {
  readonly photo: string
  readonly embedding: Float32Array
  /** Length of the embedding before it was normalised, where that is known. */
  readonly norm?: number
}

/** The median length of embeddings before they were normalised; undefined where it is not known of all. */
export function usualNorm(norms: readonly (number | undefined)[]): number | undefined {
  if (norms.length === 0 || norms.includes(undefined)) return undefined
  const sorted = Float64Array.from(norms as number[]).sort()
  return sorted[sorted.length >> 1]
}

/**
 * The faces of photographs of which a verdict is given, in order, and the photographs without.
 * @param total how many photographs there are, for `onProgress`
 */
export async function collectFaces(
  photos: AsyncIterable<readonly EmbeddedPhoto[]>,
  total: number,
  options: WorkOptions,
): Promise<{
  readonly faces: readonly KeptFace[]
  readonly skipped: readonly SkippedPhoto[]
}> {
  const tell = telling(options, 'images')
  const skipped: SkippedPhoto[] = []
  const faces: KeptFace[] = []
  let done = 0
  for await (const batch of photos) {
    for (const photo of batch)
      if ('skipped' in photo) skipped.push({ photo: photo.path, reason: photo.skipped })
      else
        for (const { embedding, norm, face } of photo.faces) {
          const poor = face ? reasonsOf(face.rejected, face.quality) : ''
          // Of which no verdict is given, and which are alike, whoever they are.
          if (poor !== '') skipped.push({ photo: photo.path, reason: `the face is ${poor}` })
          else faces.push({ photo: photo.path, embedding, ...(norm !== undefined && { norm }) })
        }
    done += batch.length
    tell(done, total)
  }
  return { faces, skipped }
}
