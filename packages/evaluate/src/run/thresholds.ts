import type { PairList } from '@arcface/data'
import type { Thresholds } from '@arcface/onnx'
import { type PairSample, pairSample } from '../bootstrap/sample.js'
import { calibrationAcross } from '../calibration/across.js'
import {
  type CalibrateOptions,
  type CalibrationResult,
  calibrate,
} from '../calibration/calibrate.js'
import type { EmbedFn } from '../embeddings/embed.js'
import { joinRows } from '../embeddings/rows.js'
import { impostorsAcross, type PairsAbove } from '../threshold/across.js'
import { type Doubt, doubtfulLabels } from '../threshold/doubtful.js'
import { measureThresholds } from '../threshold/impostors.js'
import { numberNames } from '../verification/identities.js'
import { collectFaces, type EmbeddedPhoto, type SkippedPhoto, usualNorm } from './faces.js'
import { peopleOf, personOf } from './people.js'
import { pairSimilarities } from './verification.js'
import { telling, type WorkOptions } from './work.js'

export interface AcrossOptions extends WorkOptions {
  /** Whose faces these are, as the thresholds name it. */
  readonly source: string
  readonly pairsAbove: PairsAbove
  /** Joins folders of one person, and leaves out faces of somebody of another folder. */
  readonly leaveOutDoubtful?: boolean | undefined
  /** Calibrates besides, so that the thresholds say how likely a cosine is of one person. */
  readonly calibrate?: Omit<CalibrateOptions, 'source' | 'images'> | undefined
  /** Of photographs, for `onProgress`. */
  readonly total: number
}

export interface ThresholdsAcross {
  /** With the calibration, where that was wanted. */
  readonly thresholds: Thresholds
  /** How good the calibration is. */
  readonly calibrated?: CalibrationResult
  /** Folders that show one person. */
  readonly merged: readonly (readonly [string, string])[]
  /** Faces whose label is wrong in all likelihood. */
  readonly leftOut: readonly {
    readonly photo: string
    readonly person: string
    readonly why: string
  }[]
  /** Photographs without a face, with one of which no verdict is given, or that cannot be read. */
  readonly skipped: readonly SkippedPhoto[]
}

/**
 * Thresholds of all pairs of faces of two people; a person is a folder, by its name.
 * @throws EvaluateError EVALUATE_IDENTITY, EVALUATE_PAIRS, EVALUATE_CALIBRATION; what `photos` and `pairsAbove` throw
 */
export async function thresholdsAcross(
  photos: AsyncIterable<readonly EmbeddedPhoto[]>,
  dim: number,
  { source, pairsAbove, leaveOutDoubtful = false, total, ...options }: AcrossOptions,
): Promise<ThresholdsAcross> {
  const { faces, skipped } = await collectFaces(photos, total, options)
  const rows = joinRows(faces.map(({ embedding }) => embedding))
  const nameOf = (row: number) => personOf(faces[row]!.photo)
  const given = numberNames(faces.map((_, row) => nameOf(row)))
  const names = new Map(Array.from(given, (one, row) => [one, nameOf(row)]))
  const doubtful = leaveOutDoubtful
    ? await doubtfulLabels(rows, dim, given, pairsAbove)
    : { person: given, merged: [], left: new Map<number, Doubt>() }
  const norm = usualNorm(faces.map((face) => face.norm))
  const impostors = await impostorsAcross(rows, dim, doubtful.person, pairsAbove)
  const calibrated =
    options.calibrate &&
    calibrate(calibrationAcross(rows, dim, doubtful.person), {
      ...options.calibrate,
      source,
      images: doubtful.person.filter((one) => one >= 0).length,
    })
  return {
    thresholds: {
      ...measureThresholds(impostors, source),
      ...(calibrated && { calibration: calibrated.calibration }),
      ...(norm !== undefined && { norm }),
    },
    ...(calibrated && { calibrated }),
    merged: doubtful.merged.map(([a, b]) => [names.get(a)!, names.get(b)!]),
    leftOut: Array.from(doubtful.left, ([row, other]) => ({
      photo: faces[row]!.photo,
      person: nameOf(row),
      why: typeof other === 'number' ? `seems to be ${names.get(other)}` : other,
    })),
    skipped,
  }
}

/**
 * The scored pairs of a list with their people, for `thresholdForFar`, or by `impostorsOf` for `measureThresholds`.
 * @throws as `pairSimilarities` and `pairSample`
 */
export async function samplePairs(
  list: PairList,
  embed: EmbedFn,
  { flip = false, ...options }: WorkOptions & { readonly flip?: boolean | undefined } = {},
): Promise<PairSample> {
  const onProgress = telling(options, 'images')
  const similarities = await pairSimilarities(list, embed, { flip, onProgress })
  return pairSample(similarities, list.same, list.a, list.b, peopleOf(list))
}
