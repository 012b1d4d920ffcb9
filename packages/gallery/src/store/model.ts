import type { OpenedModel, Recognizer } from '@arcface/recognize'
import { type GalleryModel, galleryModelOf, galleryModelSchema, issueOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'

/** What galleries of a recognizer's or an embedder's embeddings hold. */
export const galleryModel = (
  of: Pick<Recognizer, 'model' | 'preprocessing'> | Omit<OpenedModel, 'thresholds'>,
): GalleryModel =>
  'embedder' in of
    ? galleryModelOf({ ...of, dim: of.embedder.dim }, of.embedder.preprocessing)
    : galleryModelOf(of.model, of.preprocessing.preprocessing)

/** @throws GalleryError GALLERY_USE where a caller gives no description of a model */
export function checkGivenModel(value: unknown): void {
  const { error } = galleryModelSchema.safeParse(value)
  if (error)
    throw new GalleryError(
      'GALLERY_USE',
      `model: ${issueOf(error)}; galleryModel makes one of a recognizer or of an opened model`,
    )
}
