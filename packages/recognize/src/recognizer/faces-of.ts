import { embedPhoto } from '../embeddings/photos.js'
import type { FacesOf } from '../gallery/folder.js'
import type { EmbedOneOptions, Recognizer } from './recognizer.js'

/** For `enrollFolder`: one face of each photograph, the largest by default, or why there is none. */
export function facesOf(recognizer: Recognizer, options: EmbedOneOptions = {}): FacesOf {
  return (photos) =>
    Promise.all(
      photos.map(async (photo) => {
        const result = await embedPhoto(recognizer, photo, { faces: 'largest', ...options })
        if ('skipped' in result) return { skipped: result.skipped }
        const { embedding, thumbnail } = result.faces[0]!
        return { embedding, ...(thumbnail && { thumbnail }) }
      }),
    )
}
