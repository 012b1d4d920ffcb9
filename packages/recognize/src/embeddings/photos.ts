import type { EmbedOptions } from '@arcface/vision'
import { isOfPhoto } from '../errors.js'
import type { Recognizer } from '../recognizer/recognizer.js'
import type { PhotoResult } from './rows.js'

/** Photographs of a step. */
const BATCH = 32

/** The faces of photographs with their embeddings, some photographs at a time. Errors as `embedPhoto`. */
export async function* embedPhotos(
  recognizer: Recognizer,
  paths: readonly string[],
  options: EmbedOptions = {},
): AsyncGenerator<readonly PhotoResult[]> {
  for (let i = 0; i < paths.length; i += BATCH)
    yield await Promise.all(
      paths.slice(i, i + BATCH).map((path) => embedPhoto(recognizer, path, options)),
    )
}

/**
 * The faces of one photograph, or why there are none.
 * @throws as `Recognizer.embed`, but for what is wrong with this photograph only
 */
export async function embedPhoto(
  recognizer: Recognizer,
  path: string,
  options: EmbedOptions = {},
): Promise<PhotoResult> {
  try {
    const found = await recognizer.embed(path, options)
    if (found.length === 0) return { path, skipped: 'no face found' }
    const faces = found.map(({ embedding, norm, thumbnail, ...face }) => ({
      path,
      face,
      rejected: face.rejected,
      embedding,
      ...(norm !== undefined && { norm }),
      ...(thumbnail && { thumbnail }),
    }))
    return { path, faces }
  } catch (error) {
    if (!isOfPhoto(error)) throw error
    return { path, skipped: error.message }
  }
}
