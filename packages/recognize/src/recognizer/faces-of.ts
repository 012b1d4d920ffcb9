import { RecognizeError } from '../errors.js'
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
        try {
          const [face] = await recognizer.embed(photo, { ...options, faces: 'largest' })
          return face ? { embedding: face.embedding } : { skipped: 'no face found' }
        } catch (error) {
          if (error instanceof RecognizeError && error.code === 'RECOGNIZE_PHOTO')
            return { skipped: error.message }
          throw error
        }
      }),
    )
}
