import { atHand, nameOf, type PhotoSource, type Recognizer } from '@arcface/recognize'
import {
  choosePersonThreshold,
  chooseSearchThreshold,
  chooseThreshold,
  type EmbedOneOptions,
  type EmbedOptions,
  reasonsOf,
  type SearchThresholdOptions,
  type VerifyOptions,
  VisionError,
} from '@arcface/vision'
import { photoHash } from '../faces/content.js'
import { FACE, type NewFace } from '../faces/enroll.js'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { checkOptions } from '../options.js'
import type { Filter } from '../search/identify.js'
import { checkModel, galleryModel } from '../store/model.js'
import type { StoreOptions } from '../store/store.js'
import type { IdentifiedFace, PersonVerification } from './results.js'

export interface IdentifyPhotoOptions extends EmbedOptions, SearchThresholdOptions {
  /** People at most for each face. Default 1. */
  readonly top?: number
  readonly filter?: Filter
}

/** Opens a gallery of a recognizer's embeddings, or makes one where none is. Errors as `openGallery`. */
export const openGalleryOf = (
  recognizer: Recognizer,
  path: string,
  options: Omit<StoreOptions, 'model'> = {},
): Promise<Gallery> => openGallery(path, { ...options, model: galleryModel(recognizer) })

/**
 * Adds a face of a photograph, the largest by default, to a gallery; `enrollFolder` does it for many photographs.
 *
 * @param face whose it is; a `thumbnail` of the caller's own goes before the aligned face of the option `thumbnails`
 * @returns the face's id
 * @throws GalleryError GALLERY_MODEL; VisionError VISION_NO_FACE, VISION_MANY_FACES, VISION_POOR_FACE (the face is
 *   rejected); as the recognizer's `embedOne`, and as the gallery's `enroll`
 */
export async function enrollPhoto(
  gallery: Gallery,
  recognizer: Recognizer,
  photo: PhotoSource,
  face: Omit<NewFace, 'embedding'>,
  options: EmbedOneOptions = {},
): Promise<string> {
  checkModel(gallery.model, galleryModel(recognizer), 'the gallery')
  checkOptions('enrollPhoto', face, FACE)
  const source = await atHand(photo)
  const found = await recognizer.embedOne(source, options)
  if (found.rejected.length > 0)
    throw poorFace(nameOf(source), reasonsOf(found.rejected, found.quality))
  const { embedding, thumbnail } = found
  const hash = await photoHash(source)
  const [id] = await gallery.enroll([
    { ...(thumbnail && { thumbnail }), ...(hash && { photo: hash }), ...face, embedding },
  ])
  return id!
}

/**
 * Who is in a photograph: for each face the people of a gallery above the threshold, which follows from the model's
 * own, the rate accepted (`fpir`, by default 1e-2 a search) and the number of faces searched, unless one is given.
 * Where neither names one, nobody: a `warning` says so; `threshold: -1` gives the most similar people whoever they are.
 * A face that is rejected is nobody's.
 * @throws GalleryError GALLERY_MODEL; VisionError VISION_USE; as the recognizer's `embed`, and as the gallery's `identify`
 */
export async function identifyPhoto(
  gallery: Gallery,
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
    const unknown = chosen.threshold === null || face.rejected.length > 0
    return { ...face, ...chosen, searched, matches: unknown ? [] : matches }
  })
}

/**
 * Whether the largest face of a photograph, or the one that `faces` says, is this person's of a gallery: 1:1, by the
 * most similar of the person's faces. The false accept rate is that of the verdict, so that the threshold is the higher
 * the more faces there are.
 * @throws GalleryError GALLERY_MODEL, GALLERY_PERSON; else as the recognizer's `verify`
 */
export async function verifyPerson(
  gallery: Gallery,
  recognizer: Recognizer,
  photo: PhotoSource,
  name: string,
  options: VerifyOptions = {},
): Promise<PersonVerification> {
  const { far, threshold, ...embed } = options
  checkModel(gallery.model, galleryModel(recognizer), 'the gallery')
  const given = { far, threshold }
  chooseThreshold(recognizer.thresholds, given) // what is wrong with the options is said before the work
  const { name: person } = await gallery.person(name)
  const a = await recognizer.embedOne(photo, embed)
  const { source: faceSource, ...compared } = await gallery.compare(name, a.embedding)
  const chosen = choosePersonThreshold(recognizer.thresholds, given, compared.faces)
  const { rejected } = a
  const unknown = chosen.threshold === null || rejected.length > 0
  const same = unknown ? null : compared.similarity > chosen.threshold!
  return { person, ...compared, ...chosen, faceSource, same, rejected, a }
}

const poorFace = (name: string, reasons: string) =>
  new VisionError(
    'VISION_POOR_FACE',
    `${name}: the face is ${reasons}; take a better photograph, or set other limits (quality)`,
  )
