import { embedPhoto, type Recognizer } from '@arcface/recognize'
import type { EmbedOneOptions } from '@arcface/vision'
import { reasonsOf } from '@arcface/vision'
import type { FacesOf } from './folder.js'

/**
 * For `enrollFolder`: one face of each photograph, the largest by default, or why there is none; a face that is
 * rejected, by the limits of enrolment unless `purpose` says otherwise, is none.
 */
export function facesOf(recognizer: Recognizer, options: EmbedOneOptions = {}): FacesOf {
  const given = { faces: 'largest', purpose: 'enrolment', ...options } as const
  return (photos) =>
    Promise.all(
      photos.map(async (photo) => {
        const result = await embedPhoto(recognizer, photo, given)
        if ('skipped' in result) return { skipped: result.skipped }
        const { embedding, thumbnail, face } = result.faces[0]!
        if (face && face.rejected.length > 0)
          return { skipped: `the face is ${reasonsOf(face.rejected, face.quality)}` }
        return { embedding, ...(thumbnail && { thumbnail }) }
      }),
    )
}
