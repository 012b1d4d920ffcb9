import { atHand, nameOf, type PhotoSource, type Recognizer } from '@arcface/recognize'
import {
  checkEnrollable,
  type EmbedOneOptions,
  type Enrolled,
  FACE,
  type NewFace,
} from '@arcface/vision'
import { photoHash } from '../faces/content.js'
import type { Gallery } from '../gallery/gallery.js'
import { checkModel, checkOptions } from '../rules.js'
import { galleryModel } from '../store/model.js'

/**
 * Adds a face of a photograph, the largest by default, to a gallery; `enrollFolder` does it for many photographs.
 *
 * @param face whose it is; a `thumbnail` of the caller's own goes before the aligned face of the option `thumbnails`
 * @returns the face's id, and whether it was there
 * @throws GalleryError GALLERY_MODEL; VisionError VISION_NO_FACE, VISION_MANY_FACES, VISION_POOR_FACE (the face is
 *   rejected); as the recognizer's `embedOne`, and as the gallery's `enroll`
 */
export async function enrollPhoto(
  gallery: Gallery,
  recognizer: Recognizer,
  photo: PhotoSource,
  face: Omit<NewFace, 'embedding'>,
  options: EmbedOneOptions = {},
): Promise<Enrolled> {
  checkModel(gallery.model, galleryModel(recognizer), 'the gallery')
  checkOptions('enrollPhoto', face, FACE)
  const source = await atHand(photo)
  const found = await recognizer.embedOne(source, options)
  checkEnrollable(found, nameOf(source))
  const { embedding, thumbnail } = found
  const hash = await photoHash(source)
  const [enrolled] = await gallery.add([
    { ...(thumbnail && { thumbnail }), ...(hash && { photo: hash }), ...face, embedding },
  ])
  return enrolled!
}
