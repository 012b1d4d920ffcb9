import type { PhotoSource, Recognizer } from '@arcface/recognize'
import {
  type ChosenThreshold,
  type Compared,
  choosePersonThreshold,
  chooseThreshold,
  comparedProbability,
  type EmbeddedFace,
  type MatchProbability,
  type Rejection,
  type VerifyOptions,
  verdictOf,
} from '@arcface/vision'
import type { GalleryReader } from '../gallery/reader.js'
import { checkModel } from '../rules.js'
import { galleryModel } from '../store/model.js'

/** Whether a photograph shows a person of a gallery; how likely that is as in `Verification`. */
export interface PersonVerification
  extends ChosenThreshold,
    Partial<MatchProbability>,
    Omit<Compared, 'source'> {
  /** As it is written in the gallery. */
  readonly person: string
  /** Whether the cosine lies above the threshold; null where none is known, or the photograph's face is rejected. */
  readonly same: boolean | null
  /** Why the photograph's face cannot be compared. */
  readonly rejected: readonly Rejection[]
  /** Where the face of the gallery comes from; `source` names the pairs of the threshold. */
  readonly faceSource: string | null
  /** The photograph's face. */
  readonly a: EmbeddedFace
}

/**
 * Whether the largest face of a photograph, or the one that `faces` says, is this person's of a gallery: 1:1, by the
 * most similar of the person's faces. The false accept rate is that of the verdict, so that the threshold is the higher,
 * and the probability the lower, the more faces there are.
 * @throws GalleryError GALLERY_MODEL, GALLERY_PERSON; else as the recognizer's `verify`
 */
export async function verifyPerson(
  gallery: GalleryReader,
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
  const same = verdictOf(chosen, compared.similarity, rejected)
  const probability = comparedProbability(
    recognizer.thresholds,
    compared.similarity,
    rejected,
    compared.faces,
  )
  return { person, ...compared, ...chosen, faceSource, same, ...probability, rejected, a }
}
