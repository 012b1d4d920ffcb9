import { atHand, isOfPhoto, nameOf, type PhotoSource, type Recognizer } from '@arcface/recognize'
import {
  checkEnrollable,
  type EmbedOneOptions,
  type Enrolled,
  FACE,
  type NewFace,
  VisionError,
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
 *   rejected, by the limits of enrolment unless `purpose` says otherwise); as the recognizer's `embedOne`, and as the gallery's `enroll`
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
  const [enrolled] = await gallery.add([await newFace(recognizer, photo, face, options)])
  return enrolled!
}

/** The face of a photograph that `enrollPhoto` would add, for who adds several in one commit. Errors as there. */
export async function newFace(
  recognizer: Recognizer,
  photo: PhotoSource,
  face: Omit<NewFace, 'embedding'>,
  options: EmbedOneOptions = {},
): Promise<NewFace> {
  const source = await atHand(photo)
  const found = await recognizer.embedOne(source, { purpose: 'enrolment', ...options })
  checkEnrollable(found, nameOf(source))
  const { embedding, thumbnail } = found
  const hash = await photoHash(source)
  return { ...(thumbnail && { thumbnail }), ...(hash && { photo: hash }), ...face, embedding }
}

/** Whether an error of `newFace` is of its photograph alone, and keeps nobody from the others. */
export const isWithoutFace = (error: unknown): boolean =>
  isOfPhoto(error) || (error instanceof VisionError && error.code === 'VISION_NO_FACE')
