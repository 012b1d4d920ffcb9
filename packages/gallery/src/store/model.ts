import type { OpenedModel, Recognizer } from '@arcface/recognize'
import { z } from 'zod'
import { GalleryError } from '../errors.js'

/** The network whose embeddings a gallery holds; those of another are no neighbours of them. */
export interface GalleryModel {
  /** Of the ONNX file, and of the weights that it keeps in others: see `modelDigest`. */
  readonly sha256: string
  /** Of the ONNX file alone, where it keeps weights in others: galleries and exports of before know it by that. */
  readonly olderSha256?: string | undefined
  /** For people to read. */
  readonly name: string
  /** Length of an embedding. */
  readonly dim: number
  /** What is done to pixels before the network, as the embedder says; left out or `null` where it is not known. */
  readonly preprocessing?: unknown
}

/** What galleries of a recognizer's or an embedder's embeddings hold. */
export function galleryModel(
  of: Pick<Recognizer, 'model' | 'preprocessing'> | Omit<OpenedModel, 'thresholds'>,
): GalleryModel {
  const { sha256, olderSha256, name } = 'embedder' in of ? of : of.model
  const { dim } = 'embedder' in of ? of.embedder : of.model
  const { preprocessing } = 'embedder' in of ? of.embedder : of.preprocessing
  return { sha256, ...(olderSha256 !== undefined && { olderSha256 }), name, dim, preprocessing }
}

const sum = z.string().regex(/^[0-9a-f]{64}$/)

const schema = z.object({
  sha256: sum,
  olderSha256: sum.optional(),
  name: z.string().min(1),
  dim: z.number().int().positive(),
  preprocessing: z.unknown().transform((value) => value ?? null),
})

/** @throws GalleryError GALLERY_FORMAT where it is no description of a model */
export function parseModel(value: unknown, where: string): GalleryModel {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new GalleryError(
    'GALLERY_FORMAT',
    `${where}: its model is not described as it should be: ${issueOf(parsed.error)}`,
  )
}

/** @throws GalleryError GALLERY_USE where a caller gives no description of a model */
export function checkGivenModel(value: unknown): void {
  const { error } = schema.safeParse(value)
  if (error)
    throw new GalleryError(
      'GALLERY_USE',
      `model: ${issueOf(error)}; galleryModel makes one of a recognizer or of an opened model`,
    )
}

/** What is wrong with a value first, and where in it. */
export const issueOf = ({ issues: [issue] }: z.ZodError) =>
  [...(issue?.path ?? []), issue?.message].join(': ')

/** @throws GalleryError GALLERY_MODEL, naming both */
export function checkModel(stored: GalleryModel, given: GalleryModel, where: string): void {
  const same =
    isSameNetwork(stored, given) &&
    stored.dim === given.dim &&
    canonical(stored.preprocessing) === canonical(given.preprocessing)
  if (same) return
  throw new GalleryError(
    'GALLERY_MODEL',
    `${where} holds embeddings of ${text(stored)}, not of ${text(given)}: they cannot be compared. ` +
      'Open it with its own model, or enrol the photographs again in a new gallery.',
  )
}

/** What was known by the older sum may have had other weights beside its file: that could not be told then. */
const isSameNetwork = (a: GalleryModel, b: GalleryModel) =>
  a.sha256 === b.sha256 || a.sha256 === b.olderSha256 || b.sha256 === a.olderSha256

const text = ({ name, sha256, dim, preprocessing }: GalleryModel) =>
  `${name} (sha-256 ${sha256.slice(0, 12)}, ${dim} numbers, preprocessing ${canonical(preprocessing)})`

/** JSON with sorted keys: equal for equal values. */
const canonical = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
