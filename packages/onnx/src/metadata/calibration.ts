import { z } from 'zod'

// What a cosine says of two faces being one person's: the logarithm of the likelihood ratio over the cosine. How it is
// measured is in @arcface/evaluate (calibration/), how a probability comes of it in @arcface/vision (threshold/probability.ts).

const cosine = z.number().min(-1).max(1)
/** No number of pairs bears out more. */
const llr = z.number().min(-50).max(50)
const count = z.int().positive()
const bits = z.number().nonnegative()

/**
 * Cosine and natural logarithm of the likelihood ratio there: how many times more often genuine pairs have this cosine than
 * impostor pairs. Between the points it is linear. Below the first and above the last it stays as it is there: more than
 * the pairs that it was measured on bear out is not claimed.
 */
const points = z
  .array(z.tuple([cosine, llr]))
  .min(2)
  .refine(
    (all) => all.every(([x, y], i) => i === 0 || (x > all[i - 1]![0] && y >= all[i - 1]![1])),
    { error: 'cosines rise from point to point, and the likelihood ratio never falls' },
  )

/** How likely two faces of a cosine are one person's. */
export const calibrationSchema = z.object({
  /** What the points were fitted by. */
  method: z.enum(['logistic', 'isotonic']),
  /** Share of genuine pairs, before they are compared, that it was fitted and shown for. */
  prior: z.number().gt(0).lt(1),
  points,
  /** What it was measured on, and how well it does there for people that it was not fitted to. */
  measured: z.object({
    /** Whose faces. */
    source: z.string(),
    people: count,
    images: count,
    /** Genuine and impostor pairs that it was fitted to; across folders of many people a part of all. */
    genuine: count,
    impostors: count,
    /** Cost of the logarithmic likelihood ratios in bits (Brümmer and du Preez 2006): 0 knows all, 1 knows nothing. */
    cllr: bits,
    /** What the best monotone function of the cosine would reach on these very pairs. */
    minCllr: bits,
  }),
})
/** See `calibrationSchema`. */
export type Calibration = z.output<typeof calibrationSchema>
