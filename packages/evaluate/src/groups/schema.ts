import { z } from 'zod'

const rate = z.number().min(0).max(1)
const count = z.int().min(0)

/** A share of comparisons that were decided wrongly. */
export const rateSchema = z.object({
  value: rate,
  /** Limits of the interval; where nothing went wrong, `high` is what the people still allow. */
  low: rate,
  high: rate,
  /** Comparisons, and how many went wrong. */
  trials: count,
  errors: count,
  /** Who was compared. */
  people: count,
  /** With how many people, of impostors with how many couples of people, it went wrong at least once. */
  affected: count,
})

const groupSchema = z.object({
  name: z.string(),
  people: count,
  /** That were compared, and those in which no face was found or with one too poor. */
  images: count,
  skipped: count,
  /** Impostors within the group; null where there are none. */
  fmr: rateSchema.nullable(),
  fnmr: rateSchema.nullable(),
  /** Of a protocol in folds, as RFW's. */
  accuracy: z.object({ value: rate, std: z.number().min(0), folds: count }).optional(),
})

const acrossSchema = z.object({
  groups: z.tuple([z.string(), z.string()]),
  fmr: rateSchema.nullable(),
  /** Of people whose images are in both groups. */
  fnmr: rateSchema.nullable(),
})

/** How one error rate differs among the groups; figures that nothing is known of are null. */
export const differentialSchema = z.object({
  /** How many groups it is known of. */
  groups: count,
  /** The groups of the largest and of the smallest rate. */
  largest: z.string(),
  smallest: z.string(),
  /** Of these two rates; null where the smallest is 0. */
  maxToMin: z.number().nullable(),
  /**
   * Limits of the largest rate by the smallest, as they are and not as they were measured: made of the limits of the ratios
   * of all couples of groups at once. 1: no difference is shown; null: there is no upper limit.
   */
  low: z.number().min(1),
  high: z.number().nullable(),
  /** The couple of groups of which `low` is shown: one has at least so many times the rate of the other. */
  shown: z.object({ larger: z.string(), smaller: z.string() }).nullable(),
  /** Null where a rate is 0. */
  maxToGeometricMean: z.number().nullable(),
  /** n / (n - 1) times the coefficient, 0 (equal) to 1 (one group has all); null where all rates are 0. */
  gini: z.number().nullable(),
})

export const columnSchema = z.object({
  /** Its name, of several that are crossed all. */
  columns: z.array(z.string()).min(1),
  groups: z.array(groupSchema).min(2),
  /** Every two groups. */
  across: z.array(acrossSchema),
  /** False matches of all impostors of one group, and of two. */
  fmrWithin: rateSchema.nullable(),
  fmrAcross: rateSchema.nullable(),
  fmr: differentialSchema.nullable(),
  fnmr: differentialSchema.nullable(),
  /** Pereira and Marcel 2020: 1 - (largest difference of FMR + largest difference of FNMR) / 2. */
  fdr: z.number().nullable(),
  /** Howard et al. 2022: half the sum of both Gini coefficients. */
  garbe: z.number().nullable(),
  /** Of RFW: over the groups. */
  accuracy: z
    .object({
      mean: rate,
      /** Of the groups, over n - 1. */
      std: z.number().min(0),
      /** Largest by smallest share of wrong decisions; null where one group has none. */
      skewedErrorRatio: z.number().nullable(),
    })
    .optional(),
  /** Without a value here: images, and people all of whose images are. */
  without: z.object({ people: count, images: count }),
  /** People whose images are in several groups. */
  mixed: count,
  /** Groups that were too small, and left out. */
  leftOut: z.array(z.string()),
})

/** What `measureGroups` finds, and `arcface evaluate groups --json` prints: all figures are fractions. */
export const groupsResultSchema = z.object({
  /** Of which model: as it was named, and the SHA-256 of its weights. Files of older versions have none. */
  model: z.object({ name: z.string(), sha256: z.string() }).optional(),
  threshold: z.object({
    /** Accepted strictly above it. */
    cosine: z.number(),
    /** That it stands for; null for a cosine of the caller's. */
    far: z.number().nullable(),
    from: z.enum(['model', 'given', 'images']),
    /** On whose pairs it was measured. */
    source: z.string().nullable(),
  }),
  /** Whether every pair was compared, or those of a list. */
  pairs: z.enum(['all', 'list']),
  people: count,
  images: count,
  /** Over all of them, whatever their groups. */
  fmr: rateSchema.nullable(),
  fnmr: rateSchema.nullable(),
  columns: z.array(columnSchema).min(1),
  /** Share of the draws within an interval, and how many draws of people there were. */
  level: rate,
  replicates: count,
})

export type GroupRate = z.output<typeof rateSchema>
export type GroupFigures = z.output<typeof groupSchema>
export type Differential = z.output<typeof differentialSchema>
export type GroupColumn = z.output<typeof columnSchema>
export type GroupsResult = z.output<typeof groupsResultSchema>
