import { z } from 'zod'
import type { ModelIdentity } from '../recognizer/results.js'
import { canonicalJson } from './canonical.js'
import type { GalleryRefusal } from './refuse.js'

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

/** What galleries of a model's embeddings hold. @param preprocessing the embedder's */
export const galleryModelOf = (
  { sha256, olderSha256, name, dim }: ModelIdentity,
  preprocessing: unknown,
): GalleryModel => ({
  sha256,
  ...(olderSha256 !== undefined && { olderSha256 }),
  name,
  dim,
  preprocessing,
})

const sum = z.string().regex(/^[0-9a-f]{64}$/)

export const galleryModelSchema = z.object({
  sha256: sum,
  olderSha256: sum.optional(),
  name: z.string().min(1),
  dim: z.number().int().positive(),
  preprocessing: z.unknown().transform((value) => value ?? null),
})

/** What is wrong with a value first, and where in it. */
export const issueOf = ({ issues: [issue] }: z.ZodError) =>
  [...(issue?.path ?? []), issue?.message].join(': ')

/** Rules of what a gallery is of. */
export const modelRules = (refuse: GalleryRefusal) => ({
  /** Throws FORMAT where it is no description of a model. */
  parseModel(value: unknown, where: string): GalleryModel {
    const parsed = galleryModelSchema.safeParse(value)
    if (parsed.success) return parsed.data
    throw refuse(
      'FORMAT',
      `${where}: its model is not described as it should be: ${issueOf(parsed.error)}`,
    )
  },

  /** Throws MODEL, naming both. */
  checkModel(stored: GalleryModel, given: GalleryModel, where: string): void {
    const same =
      isSameNetwork(stored, given) &&
      stored.dim === given.dim &&
      canonicalJson(stored.preprocessing) === canonicalJson(given.preprocessing)
    if (same) return
    throw refuse(
      'MODEL',
      `${where} holds embeddings of ${text(stored)}, not of ${text(given)}: they cannot be compared. ` +
        'Open it with its own model, or enrol the photographs again in a new gallery.',
    )
  },
})

/** What was known by the older sum may have had other weights beside its file: that could not be told then. */
const isSameNetwork = (a: GalleryModel, b: GalleryModel) =>
  a.sha256 === b.sha256 || a.sha256 === b.olderSha256 || b.sha256 === a.olderSha256

/** Of a file not where it lies: what is said of a gallery may leave this machine. */
const text = ({ name, sha256, dim, preprocessing }: GalleryModel) =>
  `${name.split(/[\\/]/).at(-1)} (sha-256 ${sha256.slice(0, 12)}, ${dim} numbers, preprocessing ${canonicalJson(preprocessing)})`
