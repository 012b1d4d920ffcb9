import type { PhotoSource, Recognizer } from '@arcface/recognize'
import { type IdentifiedFace, type IdentifyPhotoOptions, identifyFaces } from '@arcface/vision'
import type { GalleryReader } from '../gallery/reader.js'
import { checkModel } from '../rules.js'
import { galleryModel } from '../store/model.js'

/**
 * Who is in a photograph, see `identifyFaces`.
 * @throws GalleryError GALLERY_MODEL; VisionError VISION_USE; as the recognizer's `embed`, and as the gallery's `identify`
 */
export async function identifyPhoto(
  gallery: GalleryReader,
  recognizer: Recognizer,
  photo: PhotoSource,
  options: IdentifyPhotoOptions = {},
): Promise<IdentifiedFace[]> {
  checkModel(gallery.model, galleryModel(recognizer), 'the gallery')
  return identifyFaces(
    recognizer.thresholds,
    options,
    (embed) => recognizer.embed(photo, embed),
    (embeddings, search) => gallery.identifyMany(embeddings, search),
  )
}
