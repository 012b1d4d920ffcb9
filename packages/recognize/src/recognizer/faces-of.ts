import { embedPhoto } from '../embeddings/photos.js'
import type { FacesOf } from '../gallery/folder.js'
import type { EmbedOptions, Recognizer } from './recognizer.js'

/** For `enrollFolder`: the largest face of each photograph, or why there is none. */
export function facesOf(
  recognizer: Recognizer,
  options: Omit<EmbedOptions, 'faces'> = {},
): FacesOf {
  return (photos) =>
    Promise.all(
      photos.map(async (photo) => {
        const result = await embedPhoto(recognizer, photo, { ...options, faces: 'largest' })
        return 'skipped' in result ? result : { embedding: result.faces[0]!.embedding }
      }),
    )
}
