import type {
  ChosenSearchThreshold,
  ChosenThreshold,
  EmbeddedFace,
  Rejection,
} from '@arcface/vision'
import type { Compared } from '../faces/compare.js'
import type { Match, Searched } from '../search/identify.js'

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

/** Whether a photograph shows a person of a gallery. */
export interface PersonVerification extends ChosenThreshold, Omit<Compared, 'source'> {
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
