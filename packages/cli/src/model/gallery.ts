import type { Gallery } from '@arcface/gallery'
import type { Recognizer } from '@arcface/recognize'
import { type KeyOptions, keysOf } from './gallery-key.js'
import type { LivenessOptions } from './liveness.js'
import { openRecognizer, type RecognizerOptions } from './recognizer.js'

/** Refuses a gallery that is not there, before a model is loaded: `withGallery` would make it. */
export async function requireGallery(path: string, options: KeyOptions): Promise<void> {
  const { openGallery } = await import('@arcface/gallery')
  await (await openGallery(path, keysOf(options))).close()
}

/** Works with a gallery that is there, and closes it. */
export async function opened<T>(
  path: string,
  options: KeyOptions,
  work: (gallery: Gallery) => Promise<T>,
): Promise<T> {
  const { openGallery } = await import('@arcface/gallery')
  const gallery = await openGallery(path, keysOf(options))
  try {
    return await work(gallery)
  } finally {
    await gallery.close()
  }
}

/** Works with a recogniser and a gallery of its embeddings, which is made where none is; closes both. */
export async function withGallery(
  path: string,
  options: RecognizerOptions & KeyOptions & LivenessOptions,
  work: (gallery: Gallery, recognizer: Recognizer) => Promise<void>,
): Promise<void> {
  const { openGalleryOf } = await import('@arcface/gallery')
  const recognizer = await openRecognizer(options)
  try {
    const gallery = await openGalleryOf(recognizer, path, keysOf(options))
    try {
      await work(gallery, recognizer)
    } finally {
      await gallery.close()
    }
  } finally {
    await recognizer.close()
  }
}
