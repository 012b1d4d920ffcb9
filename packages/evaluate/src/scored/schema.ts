import { z } from 'zod'
import { EvaluateError } from '../errors.js'

const row = z.int().min(0)
const score = z.number()

const pairsSchema = z.object({
  /** Images of each pair, by their places. */
  first: z.array(row),
  second: z.array(row),
  /** 1 where both are of one person, else 0. */
  same: z.array(z.union([z.literal(0), z.literal(1)])),
  cosine: z.array(score),
})

/** Scored pairs of images, as `arcface evaluate scores` writes them. */
export const scoredSetSchema = z.object({
  /** Of this format. */
  scores: z.literal(1),
  /** As it was named, and the SHA-256 of its weights. */
  model: z.object({ name: z.string(), sha256: z.string() }),
  /** What was measured, for a thresholds' source. */
  source: z.string(),
  /** The pairs of a list, in its order, or all pairs across people. */
  of: z.enum(['list', 'people']),
  /** Whether the embedding of the mirror image was added. */
  flip: z.boolean(),
  /** Of a list that has folds of both kinds of pairs, else null. */
  folds: z.int().min(2).nullable(),
  /** What they are called: the path of one that is a file. */
  images: z.array(z.string()),
  /** Of each image: 0, 1, ... */
  person: z.array(row),
  pairs: pairsSchema,
  /** How many pairs of each kind there are: of people `pairs` holds a random part of very many. */
  genuine: z.int().min(0),
  impostors: z.int().min(0),
  /** Where `pairs` is a part: the impostor pairs of the highest cosines, descending. */
  tail: pairsSchema.omit({ same: true }).nullable(),
  /** `data:` addresses of images that are no files, by their places: those of the worst pairs. */
  pictures: z.record(z.string(), z.string()),
  /** What is wrong with the labels, in sentences. */
  warnings: z.array(z.string()),
})

/** See `scoredSetSchema`. */
export type ScoredSet = z.output<typeof scoredSetSchema>

/**
 * What a file of scores holds.
 * @param name what errors call it
 * @throws EvaluateError EVALUATE_SCORES
 */
export function parseScoredSet(text: string, name: string): ScoredSet {
  const wrong = (why: string, cause?: unknown) =>
    new EvaluateError('EVALUATE_SCORES', `${name} holds no scored pairs: ${why}`, { cause })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw wrong('no JSON', cause)
  }
  const { data, error } = scoredSetSchema.safeParse(value)
  if (!data) {
    const { path, message } = error!.issues[0]!
    throw wrong(path.length > 0 ? `${path.join('.')}: ${message}` : message, error)
  }
  const { images, person, pairs, tail } = data
  if (person.length !== images.length)
    throw wrong(`${images.length} images with ${person.length} people`)
  for (const { first, second, cosine } of tail ? [pairs, tail] : [pairs]) {
    if (first.length !== cosine.length || second.length !== cosine.length)
      throw wrong('its columns of pairs are not of one length')
    if ([first, second].some((rows) => rows.some((row) => row >= images.length)))
      throw wrong(`a pair names an image that is none of the ${images.length}`)
  }
  if (pairs.same.length !== pairs.cosine.length)
    throw wrong('its columns of pairs are not of one length')
  return data
}
