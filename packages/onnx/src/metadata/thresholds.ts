import { z } from 'zod'
import { OnnxError } from '../errors.js'
import { calibrationSchema } from './calibration.js'

// Which cosine stands for which false accept rate (FAR): what a model's file or pack says of it. How it is read between
// and beyond the points is in @arcface/vision (threshold/operating-point.ts).

const rate = z.number().gt(0).lt(1)
const cosine = z.number().min(-1).max(1)
const far = z.string().refine((key) => Number(key) > 0 && Number(key) < 1, {
  error: 'a FAR between 0 and 1, such as "1e-3"',
})

/** FAR -> cosine above which two faces count as the same person (strictly above, no flip). */
export const cosinesSchema = z.record(far, cosine).refine(
  (cosines) => {
    const points = Object.entries(cosines).map(([key, value]) => [Number(key), value] as const)
    points.sort(([a], [b]) => b - a)
    return points.every(([, value], i) => i === 0 || value >= points[i - 1]![1])
  },
  { error: 'a smaller FAR takes a cosine as high or higher' },
)

/** The pairs of different people that thresholds were measured on, and the tail of their cosines. */
export const impostorsSchema = z.object({
  /** How many pairs of faces, and of how many people. */
  pairs: z.int().positive(),
  people: z.int().positive(),
  /** The smallest FAR that they bear out; beyond it the tail is a guess. */
  smallestFar: rate,
  /**
   * Generalised Pareto distribution of the excesses over `level`, which the share `rate` of the pairs has: the cosine at
   * a FAR f below it is level + scale ((f / rate)^-shape - 1) / shape; at shape 0 level + scale ln(rate / f).
   */
  tail: z
    .object({ level: cosine, rate, shape: z.number().min(-1).max(0), scale: z.number().positive() })
    .optional(),
})
/** See `impostorsSchema`. */
export type Impostors = z.output<typeof impostorsSchema>

/** What is known of a model's operating points. */
export const thresholdsSchema = z.strictObject({
  /** On which pairs they were found. */
  source: z.string(),
  cosine: cosinesSchema,
  impostors: impostorsSchema.optional(),
  calibration: calibrationSchema.optional(),
  /** Median length of the embeddings of good faces before they are normalised: a face of which less is seen has a shorter one. */
  norm: z.number().positive().optional(),
})
export type Thresholds = z.output<typeof thresholdsSchema>

/**
 * Thresholds as `arcface evaluate threshold --out` writes them.
 * @param name what errors call the text
 * @throws OnnxError ONNX_BAD_METADATA
 */
export function parseThresholds(text: string, name: string): Thresholds {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new OnnxError('ONNX_BAD_METADATA', `${name} holds no thresholds: no JSON`, { cause })
  }
  return checkThresholds(value, name)
}

/** Thresholds that somebody gives. Errors as `parseThresholds`. */
export function checkThresholds(value: unknown, name: string): Thresholds {
  const result = thresholdsSchema.safeParse(value)
  if (result.success) return result.data
  const { path, message } = result.error.issues[0]!
  const where = path.length > 0 ? `${path.join('.')}: ` : ''
  throw new OnnxError('ONNX_BAD_METADATA', `${name} holds no thresholds: ${where}${message}`, {
    cause: result.error,
  })
}
