import type { Recognizer } from '@arcface/recognize'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { galleryModel } from '../store/model.js'
import type { StoreOptions } from '../store/store.js'

/** Opens a gallery of a recognizer's embeddings, or makes one where none is. Errors as `openGallery`. */
export const openGalleryOf = (
  recognizer: Recognizer,
  path: string | URL,
  options: Omit<StoreOptions, 'model'> = {},
): Promise<Gallery> => openGallery(path, { ...options, model: galleryModel(recognizer) })
