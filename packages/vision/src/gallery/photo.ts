import type { Thresholds } from '@arcface/onnx'
import { VisionError } from '../errors.js'
import { reasonsOf } from '../quality/limits.js'
import type { EmbedOptions } from '../recognizer/recognizer.js'
import type { EmbeddedFace } from '../recognizer/results.js'
import {
  type ChosenSearchThreshold,
  chooseSearchThreshold,
  isDecided,
  type SearchThresholdOptions,
  searchThreshold,
} from '../threshold/threshold.js'
import type { Identified, IdentifyOptions, Match, Searched } from './identify.js'
import type { Filter } from './names.js'

export interface IdentifyPhotoOptions extends EmbedOptions, SearchThresholdOptions {
  /** People at most for each face. Default 1. */
  readonly top?: number
  readonly filter?: Filter
}

/** Whom of a gallery a face resembles. */
export interface Identification extends ChosenSearchThreshold {
  /** How many people and faces it was compared with, after the filter: the more, the higher the threshold. */
  readonly searched: Searched
  /**
   * People from the threshold on, the most similar first; none if it is nobody of the gallery, no threshold is known, or
   * the face is rejected.
   */
  readonly matches: readonly Match[]
}

/** A face and the people of a gallery whom it resembles. */
export interface IdentifiedFace extends EmbeddedFace, Identification {}

/** What identification goes by. */
type Probe = Pick<EmbeddedFace, 'embedding' | 'rejected'>

/**
 * Who the faces of a photograph are: for each the people of a gallery above the threshold, which follows from the model's
 * own, the rate accepted (`fpir`, by default 1e-2 a search) and the number of faces searched, unless one is given.
 * Where neither names one, nobody: a `warning` says so; `threshold: -1` gives the most similar people whoever they are.
 * A face that is rejected is nobody's.
 * @param known the model's thresholds
 * @param embed the photograph; or gives faces that were embedded before
 * @param search as a gallery's `identifyMany`
 * @throws VisionError VISION_USE, before the work; what `embed` and `search` throw
 */
export async function identifyFaces<Face extends Probe>(
  known: Thresholds | undefined,
  { top = 1, filter = {}, far, fpir, threshold, ...options }: IdentifyPhotoOptions,
  embed: (options: EmbedOptions) => Promise<readonly Face[]>,
  search: (
    embeddings: readonly Float32Array[],
    options: IdentifyOptions,
  ) => Promise<readonly Identified[]>,
): Promise<(Face & Identification)[]> {
  const decision = { far, fpir, threshold }
  const choose = (among: number) => chooseSearchThreshold(known, decision, among)
  choose(1) // what is wrong with the options is said before the work
  const faces = await embed(options)
  const found = await search(
    faces.map(({ embedding }) => embedding),
    { top, filter, threshold: searchThreshold(known, decision) },
  )
  return faces.map((face, i) => {
    const { searched, matches } = found[i]!
    const chosen = choose(searched.faces)
    const people = isDecided(chosen, face.rejected) ? matches : []
    return { ...face, ...chosen, searched, matches: people }
  })
}

/**
 * @param face as judged for enrolment
 * @param photo what errors call it
 * @throws VisionError VISION_POOR_FACE: a face that is rejected is not enrolled
 */
export function checkEnrollable(
  { rejected, quality, grade }: Pick<EmbeddedFace, 'rejected' | 'quality' | 'grade'>,
  photo: string,
): void {
  if (rejected.length === 0) return
  throw new VisionError(
    'VISION_POOR_FACE',
    `${photo}: the face is ${reasonsOf(rejected, quality)}; its grade is ${grade.value.toFixed(2)} of 1`,
    { hint: 'Take a better photograph, or set other limits (`quality`).', rejected },
  )
}
