import { imageFile, type PairList } from '@arcface/data'
import { type Grade, gradeOf, type Quality } from '@arcface/vision'
import { dot, joinRows } from '../embeddings/rows.js'
import { EvaluateError } from '../errors.js'
import { type DiscardOptions, type DiscardResult, discard } from '../quality/discard.js'
import { pairsAcross } from '../scored/across.js'
import type { ScoredPeople } from '../scored/samples.js'
import type { PairsAbove } from '../threshold/across.js'
import { numberNames } from '../verification/identities.js'
import { type SkippedPhoto, usualNorm } from './faces.js'
import { peopleOf, personOf } from './people.js'
import { telling, type WorkOptions } from './work.js'

/** What became of a photograph, as @arcface/recognize's `embedAligned` and `embedPhotos` say it. */
export type GradedPhoto =
  | {
      readonly path: string
      readonly faces: readonly {
        /** Null for a face that was aligned already. */
        readonly face: { readonly quality: Quality } | null
        /** Of one that was aligned already what can be known. */
        readonly aligned?: Quality
        readonly norm?: number
        readonly embedding: Float32Array
      }[]
    }
  | { readonly path: string; readonly skipped: string }

export interface QualityOptions extends WorkOptions, DiscardOptions {
  /** These pairs; else all pairs across people, who are the folders. */
  readonly list?: PairList | undefined
  /** The model's usual length of an embedding before normalisation, for the grade. */
  readonly usual?: number | undefined
  /** Another figure of quality of these files: the higher, the better. */
  readonly measures?: Readonly<Record<string, (files: readonly string[]) => Promise<Float64Array>>>
  readonly pairsAbove: PairsAbove
  readonly total: number
}

export interface MeasuredQuality {
  readonly results: readonly DiscardResult[]
  readonly images: number
  readonly people: number
  readonly genuine: number
  readonly impostors: number
  /** Median length of the embeddings before normalisation; null where it is not known. */
  readonly norm: number | null
  /** Of each image its file, and what each figure says of it; null where it is not known. */
  readonly figures: readonly {
    readonly image: string
    readonly figures: Readonly<Record<string, number | null>>
  }[]
  readonly skipped: readonly SkippedPhoto[]
}

/**
 * How well each figure of quality tells which comparisons fail, see `discard`: the grade, its parts that are known, the length
 * of the embedding, and `measures`. Faces that are too poor to be recognised count too.
 * @throws EvaluateError; what `photos`, `measures` and `pairsAbove` throw
 */
export async function evaluateQuality(
  photos: AsyncIterable<readonly GradedPhoto[]>,
  { list, usual, measures = {}, pairsAbove, total, ...options }: QualityOptions,
): Promise<MeasuredQuality> {
  const { faces, skipped } = await collect(photos, total, options)
  if (faces.length === 0)
    throw new EvaluateError('EVALUATE_PAIRS', 'no image shows a face that could be compared')
  const files = faces.map(({ path }) => path)
  const figures = figuresOf(faces, usual)
  for (const [name, measure] of Object.entries(measures)) figures[name] = await measure(files)
  const rows = joinRows(faces.map(({ embedding }) => embedding))
  const dim = rows.length / faces.length
  const set = list ? ofList(list, files, rows, dim) : await across(files, rows, dim, pairsAbove)
  const known = Object.entries(figures).filter(([, of]) => !isConstant(of))
  return {
    results: known.map(([name, of]) => discard(set, name, of, options)),
    images: faces.length,
    people: new Set(set.person).size,
    genuine: set.pairs.same.filter((one) => one === 1).length,
    impostors: set.impostors,
    norm: usualNorm(faces.map((face) => face.norm)) ?? null,
    figures: files.map((image, row) => ({
      image,
      figures: Object.fromEntries(
        known.map(([name, of]) => [name, Number.isFinite(of[row]!) ? of[row]! : null]),
      ),
    })),
    skipped,
  }
}

interface One {
  readonly path: string
  readonly quality: Quality | undefined
  readonly norm: number | undefined
  readonly embedding: Float32Array
}

async function collect(
  photos: AsyncIterable<readonly GradedPhoto[]>,
  total: number,
  options: WorkOptions,
): Promise<{ faces: One[]; skipped: SkippedPhoto[] }> {
  const tell = telling(options, 'images')
  const faces: One[] = []
  const skipped: SkippedPhoto[] = []
  let done = 0
  for await (const batch of photos) {
    for (const one of batch) {
      const { path } = one
      if ('skipped' in one) skipped.push({ photo: path, reason: one.skipped })
      else
        for (const { face, aligned, norm, embedding } of one.faces.slice(0, 1))
          faces.push({ path, quality: face?.quality ?? aligned, norm, embedding })
    }
    done += batch.length
    tell(done, total)
  }
  return { faces, skipped }
}

/** Of each face, NaN where it is not known. */
function figuresOf(faces: readonly One[], usual: number | undefined): Record<string, Float64Array> {
  const grades = faces.map(
    ({ quality, norm }): Grade | undefined =>
      quality && gradeOf(quality, usual && norm ? norm / usual : undefined),
  )
  const part = (of: (grade: Grade) => number | null) =>
    Float64Array.from(grades, (grade) => (grade && of(grade)) ?? Number.NaN)
  return {
    grade: part(({ value }) => value),
    size: part(({ parts }) => parts.size),
    blur: part(({ parts }) => parts.blur),
    pose: part(({ parts }) => parts.pose),
    light: part(({ parts }) => parts.light),
    points: part(({ parts }) => parts.points),
    norm: Float64Array.from(faces, ({ norm }) => norm ?? Number.NaN),
  }
}

/** Nothing is told by it: not known of any, or of all the same. */
const isConstant = (figure: Float64Array): boolean =>
  figure.every((one) => Object.is(one, figure[0]))

/** The pairs of a list both of whose images show a face. */
function ofList(
  list: PairList,
  files: readonly string[],
  rows: Float32Array,
  dim: number,
): ScoredPeople {
  const places = new Map(files.map((file, row) => [file, row]))
  const rowOf = list.images.map((image) => places.get(imageFile(image) ?? '') ?? -1)
  const whose = peopleOf(list)
  const person = files.map(() => 0)
  for (const [image, row] of rowOf.entries()) if (row >= 0) person[row] = whose[image]!
  const pairs: ScoredPeople['pairs'] = { first: [], second: [], same: [], cosine: [] }
  for (const [p, label] of list.same.entries()) {
    const [i, j] = [rowOf[list.a[p]!]!, rowOf[list.b[p]!]!]
    if (i < 0 || j < 0) continue
    pairs.first.push(i)
    pairs.second.push(j)
    pairs.same.push(label === 1 ? 1 : 0)
    pairs.cosine.push(dot(rows, i * dim, rows, j * dim, dim))
  }
  const impostors = pairs.same.filter((one) => one === 0).length
  return { of: 'list', person, pairs, tail: null, impostors }
}

async function across(
  files: readonly string[],
  rows: Float32Array,
  dim: number,
  pairsAbove: PairsAbove,
): Promise<ScoredPeople> {
  const person = numberNames(files.map(personOf))
  return {
    of: 'people',
    person: [...person],
    ...(await pairsAcross(rows, dim, person, pairsAbove)),
  }
}
