import { FACES, ONE_FACE } from '@arcface/vision'
import { z } from 'zod'
import type { ServerConfig } from '../config/schema.js'
import { problemSchema } from '../http/problem.js'

// What all of /v1 has in common: how options come in a query, and what faces and verdicts look like.

/** Of a query: `true` or `false`. */
export const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true')

/** Of a query: several values, or one. */
export const list = z.preprocess((value) => [value].flat(), z.array(z.string())).default([])

export const pageSize = z.coerce
  .number()
  .int()
  .min(1)
  .max(1000)
  .default(100)
  .describe('At most so many')

/** Of a request that may come twice. */
export const repeatable = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .describe('Chosen by the client: the same request again gets the same answer'),
})

/** Of a request whose answer a person looks at. */
export const operated = z.object({
  'x-operator': z
    .string()
    .optional()
    .describe('Who verifies the result, as the audit log is to name them'),
})

/** A body of embeddings. */
export const embeddingsBody = ({ limits }: ServerConfig) =>
  z.strictObject({
    embeddings: z
      .array(z.array(z.number()).min(1).max(4096))
      .min(1)
      .max(limits.embeddings)
      .describe("L2-normalised, of the gallery's length"),
  })

/** An answer without a body. */
export const done = z.null().describe('Done')

const rate = z.coerce.number().gt(0).lt(1)
export const far = rate.optional().describe('Accept this false accept rate of one comparison')
export const fpir = rate
  .optional()
  .describe('Accept this false positive identification rate of a search. Default 0.01')
export const threshold = z.coerce
  .number()
  .min(-1)
  .max(1)
  .optional()
  .describe("A cosine instead of the model's own threshold")

const finding = {
  small: flag.describe('Look for faces of a few pixels too: slower'),
  minScore: z.coerce.number().min(0).max(1).optional().describe('Leave faces of a lower score out'),
}
export const findQuery = z.strictObject({ ...finding, faces: z.enum(FACES).default('all') })
export const oneFaceQuery = z.strictObject({
  ...finding,
  faces: z.enum(ONE_FACE).default('largest'),
})

const cosine = z.number().min(-1.0001).max(1.0001)

/** Of a query: adds `liveness` to each face. */
export const lively = flag.describe('Say of each face whether it looks like a living one')

const liveness = z
  .object({
    live: z.boolean().nullable().describe('null: not said, see unsure'),
    score: z
      .number()
      .optional()
      .describe('0 to 1, 1 is living: the mean of the networks. A key without scores gets none'),
    threshold: z.number(),
    measured: z
      .array(
        z.object({
          by: z.string(),
          on: z.string(),
          bpcer: z.number().optional(),
          bpcerLimits: z.array(z.number()).length(2).optional(),
          apcer: z.number().optional(),
        }),
      )
      .describe('What is known of the threshold; empty: nothing'),
    unsure: z
      .array(z.enum(['rejected', 'border', 'small']))
      .describe('rejected for its quality, cut by the border, or too small to say'),
    scores: z.array(z.object({ model: z.string(), score: z.number() })).optional(),
  })
  .meta({ id: 'Liveness' })

export const face = z
  .object({
    box: z
      .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
      .describe('Pixels of the photograph as it is seen, from the upper left corner'),
    points: z
      .array(z.object({ x: z.number(), y: z.number() }))
      .describe('Left eye, right eye, nose, left and right corner of the mouth, as seen'),
    score: z.number(),
    quality: z.record(z.string(), z.number()),
    grade: z
      .object({ value: z.number(), parts: z.record(z.string(), z.number().nullable()) })
      .describe(
        'One figure of its quality, 0 to 1, and what it is the product of; null: not known',
      ),
    rejected: z
      .array(z.string())
      .describe('Why the face is not recognised, of a review not enrolled; usually empty'),
    liveness: liveness.optional().describe('Where it was asked for'),
  })
  .meta({ id: 'Face' })

export const embedding = z.array(z.number()).describe('L2-normalised')

/** Of a verdict about two faces, or about the best of many. */
export const chosen = {
  threshold: z.number().nullable().describe('null: none is known, so nothing is decided'),
  far: z.number().nullable().describe('False accept rate that the threshold stands for'),
  source: z.string().nullable().describe('The pairs on which that was measured'),
  warning: z.string().nullable(),
}

/** Where the model is calibrated. */
export const probability = {
  probability: z.number().optional().describe('That it is the same person, for the prior'),
  prior: z.number().optional(),
  likelihoodRatio: z.number().optional(),
  atBound: z.boolean().optional(),
}

export const similarity = cosine
  .optional()
  .describe('Cosine. A key without scores gets none, and no probability')

/** What each of several photographs came to. */
export const photographs = <T extends z.ZodType>(one: T) =>
  z.object({
    photos: z.array(
      z.object({
        name: z.string(),
        faces: z.array(one).optional(),
        problem: problemSchema.optional().describe('In place of faces: it cannot be read'),
      }),
    ),
  })

/** The refusals of every route. */
export const problems = {
  '4xx': {
    description: 'Refused',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
  '5xx': {
    description: 'Failed, or too busy',
    content: { 'application/problem+json': { schema: problemSchema } },
  },
}
