import type { PhotoSource, Recognizer } from '@arcface/recognize'
import {
  type ChosenSearchThreshold,
  chooseSearchThreshold,
  type EmbeddedFace,
  type EmbedOptions,
  isDecided,
  type SearchThresholdOptions,
} from '@arcface/vision'
import type { GalleryReader } from '../gallery/reader.js'
import type { Filter } from '../people/filter.js'
import type { Match, Searched } from '../search/identify.js'
import { checkModel, galleryModel } from '../store/model.js'

export interface IdentifyPhotoOptions extends EmbedOptions, SearchThresholdOptions {
  /** People at most for each face. Default 1. */
  readonly top?: number
  readonly filter?: Filter
}

/** A face and the people of a gallery whom it resembles. */
export interface IdentifiedFace extends EmbeddedFace, ChosenSearchThreshold {
  /** How many people and faces it was compared with, after the filter: the more, the higher the threshold. */
  readonly searched: Searched
  /**
   * People from the threshold on, the most similar first; none if it is nobody of the gallery, no threshold is known, or
   * the face is rejected.
   */
  readonly matches: readonly Match[]
}

/**
 * Who is in a photograph: for each face the people of a gallery above the threshold, which follows from the model's
 * own, the rate accepted (`fpir`, by default 1e-2 a search) and the number of faces searched, unless one is given.
 * Where neither names one, nobody: a `warning` says so; `threshold: -1` gives the most similar people whoever they are.
 * A face that is rejected is nobody's.
 * @throws GalleryError GALLERY_MODEL; VisionError VISION_USE; as the recognizer's `embed`, and as the gallery's `identify`
 */
export async function identifyPhoto(
  gallery: GalleryReader,
  recognizer: Recognizer,
  photo: PhotoSource,
  options: IdentifyPhotoOptions = {},
): Promise<IdentifiedFace[]> {
  const { top = 1, filter = {}, far, fpir, threshold, ...embed } = options
  checkModel(gallery.model, galleryModel(recognizer), 'the gallery')
  const choose = (among: number) =>
    chooseSearchThreshold(recognizer.thresholds, { far, fpir, threshold }, among)
  choose(1) // what is wrong with the options is said before the work
  const faces = await recognizer.embed(photo, embed)
  const found = await gallery.identifyMany(
    faces.map(({ embedding }) => embedding),
    { top, filter, threshold: (searched) => choose(searched.faces).threshold ?? 1 },
  )
  return faces.map((face, i) => {
    const { searched, matches } = found[i]!
    const chosen = choose(searched.faces)
    const known = isDecided(chosen, face.rejected) ? matches : []
    return { ...face, ...chosen, searched, matches: known }
  })
}
