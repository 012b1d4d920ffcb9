import { basename, dirname } from 'node:path'
import type { PairList } from '@arcface/data'
import type { Thresholds } from '@arcface/onnx'
import { type Face, reasonsOf } from '@arcface/vision'
import { type PairSample, pairSample } from '../bootstrap/sample.js'
import type { EmbedFn } from '../embeddings/embed.js'
import { joinRows } from '../embeddings/rows.js'
import { impostorsAcross, type PairsAbove } from '../threshold/across.js'
import { type Doubt, doubtfulLabels } from '../threshold/doubtful.js'
import { measureThresholds } from '../threshold/impostors.js'
import { numberNames } from '../verification/identities.js'
import { peopleOf } from './people.js'
import { pairSimilarities } from './verification.js'
import { telling, type WorkOptions } from './work.js'

/** What became of a photograph, as @arcface/recognize's `embedAligned` and `embedPhotos` say it. */
export type EmbeddedPhoto =
  | {
      readonly path: string
      readonly faces: readonly {
        /** Null for a face that was aligned already. */
        readonly face: Face | null
        /** L2-normalised. */
        readonly embedding: Float32Array
      }[]
    }
  | { readonly path: string; readonly skipped: string }

export interface AcrossOptions extends WorkOptions {
  /** Whose faces these are, as the thresholds name it. */
  readonly source: string
  readonly pairsAbove: PairsAbove
  /** Joins folders of one person, and leaves out faces of somebody of another folder. */
  readonly leaveOutDoubtful?: boolean | undefined
  /** Of photographs, for `onProgress`. */
  readonly total: number
}

export interface ThresholdsAcross {
  readonly thresholds: Thresholds
  /** Folders that show one person. */
  readonly merged: readonly (readonly [string, string])[]
  /** Faces whose label is wrong in all likelihood. */
  readonly leftOut: readonly {
    readonly photo: string
    readonly person: string
    readonly why: string
  }[]
  /** Photographs without a face, with one of which no verdict is given, or that cannot be read. */
  readonly skipped: readonly { readonly photo: string; readonly reason: string }[]
}

/**
 * Thresholds of all pairs of faces of two people; a person is a folder, by its name.
 * @throws EvaluateError EVALUATE_IDENTITY, EVALUATE_PAIRS; what `photos` and `pairsAbove` throw
 */
export async function thresholdsAcross(
  photos: AsyncIterable<readonly EmbeddedPhoto[]>,
  dim: number,
  { source, pairsAbove, leaveOutDoubtful = false, total, ...options }: AcrossOptions,
): Promise<ThresholdsAcross> {
  const tell = telling(options, 'images')
  const skipped: { photo: string; reason: string }[] = []
  const faces: { photo: string; embedding: Float32Array }[] = []
  let done = 0
  for await (const batch of photos) {
    for (const photo of batch)
      if ('skipped' in photo) skipped.push({ photo: photo.path, reason: photo.skipped })
      else
        for (const { embedding, face } of photo.faces) {
          const poor = face ? reasonsOf(face.rejected, face.quality) : ''
          // Of which no verdict is given, and which are alike, whoever they are.
          if (poor !== '') skipped.push({ photo: photo.path, reason: `the face is ${poor}` })
          else faces.push({ photo: photo.path, embedding })
        }
    done += batch.length
    tell(done, total)
  }
  const rows = joinRows(faces.map(({ embedding }) => embedding))
  const nameOf = (row: number) => basename(dirname(faces[row]!.photo))
  const given = numberNames(faces.map((_, row) => nameOf(row)))
  const names = new Map(Array.from(given, (one, row) => [one, nameOf(row)]))
  const doubtful = leaveOutDoubtful
    ? await doubtfulLabels(rows, dim, given, pairsAbove)
    : { person: given, merged: [], left: new Map<number, Doubt>() }
  const impostors = await impostorsAcross(rows, dim, doubtful.person, pairsAbove)
  return {
    thresholds: measureThresholds(impostors, source),
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
