import { preprocessingSchema } from '@arcface/onnx'
import { z } from 'zod'

const rate = z.number().min(0).max(1)

/** Rates that somebody measured at a threshold: whose figures, and on what. */
const measuredSchema = z.strictObject({
  /** Who measured: the authors of the network, or this project. */
  by: z.enum(['authors', 'arcface']),
  /** On what. */
  on: z.string().min(1),
  /** Share of living faces that the threshold refuses (bona fide presentation classification error rate). */
  bpcer: rate.optional(),
  /** Between which it lies, at 95 %, over people. */
  bpcerLimits: z.tuple([rate, rate]).optional(),
  /** Share of attacks that it lets pass (attack presentation classification error rate), of the kinds that `on` names. */
  apcer: rate.optional(),
})

const pointSchema = z.strictObject({
  /** A face is taken for living where its score is at least this. */
  threshold: rate,
  /** What is known of it; where nothing is, the threshold stands for nothing. */
  measured: z.array(measuredSchema),
})

const modelSchema = z.strictObject({
  file: z.string(),
  /** Side of the square that the network looks at: so many times the longer side of the face's box, about its centre. */
  crop: z.number().min(1).max(8),
  /** Side of its input, pixels. */
  size: z.int().min(16).max(1024),
  /** What lies beyond the picture's border: its mirror image, the last pixel not repeated. */
  border: z.literal('reflect').default('reflect'),
  input: preprocessingSchema,
  /** Which of its outputs says that the face is living, and what they are. */
  outputs: z.strictObject({
    live: z.int().min(0),
    of: z.enum(['logits', 'probabilities']),
  }),
})

/** The networks of a pack that tell a living face from a picture of one; their scores' mean is what counts. */
export const livenessSchema = z.strictObject({
  models: z.array(modelSchema).min(1),
  /** Thresholds of the mean, the usual one first. */
  points: z.array(pointSchema).min(1),
})

export type LivenessPart = z.output<typeof livenessSchema>
export type LivenessInput = z.input<typeof livenessSchema>
export type LivenessModel = LivenessPart['models'][number]
/** A threshold of the score, and what was measured at it. */
export type LivenessPoint = z.output<typeof pointSchema>
