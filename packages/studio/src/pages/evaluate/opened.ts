import {
  type ErrorCurve,
  errorCurveOf,
  foldedAccuracy,
  type Histogram,
  impostorsOfSet,
  intervalsFault,
  measureThresholds,
  parseScoredSet,
  type ScoredSamples,
  type ScoredSet,
  samplesOf,
  scoreBins,
} from '@arcface/evaluate'

type Thresholds = ReturnType<typeof measureThresholds>

/** A set of scored pairs, and what of it does not change with a threshold. */
export interface Opened {
  /** Of its task. */
  readonly id: string
  readonly set: ScoredSet
  readonly samples: ScoredSamples
  readonly curve: ErrorCurve
  readonly histogram: Histogram
  /** Area under the ROC curve. */
  readonly area: number
  readonly equalError: { readonly threshold: number; readonly rate: number }
  /** Of a list in folds. */
  readonly accuracy: { readonly accuracy: number; readonly std: number } | null
  /** Why there are no intervals. */
  readonly fault: string | null
  /** Those that the impostor pairs bear out, as `arcface evaluate threshold` writes them; or why there are none. */
  readonly thresholds: Thresholds | string
}

/** @throws EvaluateError EVALUATE_SCORES, EVALUATE_PAIRS where a kind of pair is missing */
export function openSet(id: string, text: string): Opened {
  const set = parseScoredSet(text, 'scores.json')
  const samples = samplesOf(set)
  const { all } = samples
  const curve = errorCurveOf(samples)
  return {
    ...{ id, set, samples, curve },
    histogram: scoreBins(all),
    area: curve.area(),
    equalError: curve.equalError(),
    accuracy:
      set.folds === null
        ? null
        : foldedAccuracy(
            Float64Array.from(all.similarities, (cosine) => 2 - 2 * cosine),
            all.same,
            set.folds,
          ),
    fault: intervalsFault(samples),
    thresholds: thresholdsOf(set, samples),
  }
}

function thresholdsOf(set: ScoredSet, samples: ScoredSamples): Thresholds | string {
  try {
    return measureThresholds(impostorsOfSet(set, samples), set.source)
  } catch (error) {
    return (error as Error).message
  }
}

/** Cosines to a ten-thousandth, as a threshold is drawn. */
export const rounded = (cosine: number): number => Math.round(cosine * 1e4) / 1e4

/** Where a threshold may be drawn. */
export const rangeOf = ({ histogram: { from, to } }: Opened): readonly [number, number] => [
  from,
  to,
]

/** To begin with: at FAR 1e-3 where the pairs bear it out, else at the smallest that they do, else where errors are equal. */
export function firstThreshold({ thresholds, equalError }: Opened): number {
  if (typeof thresholds === 'string') return rounded(equalError.threshold)
  const { '1e-3': wanted, ...others } = thresholds.cosine
  // Upwards, so that the FAR is not exceeded.
  return Math.ceil(1e4 * (wanted ?? Math.max(...Object.values(others)))) / 1e4
}

/** As it was given, without the mark that tells a path from a pack's name. */
export const modelName = ({ model: { name } }: ScoredSet): string => name.replace(/^\.\//, '')

/**
 * A threshold as a file that `--thresholds` takes: the FAR that it gives on these pairs beside those that were measured. It
 * never claims a smaller FAR than the pairs bear out.
 * @returns null where they bear out nothing: no impostor pair is above it, and no FAR was measured
 */
export function thresholdsFile(
  { curve, thresholds, set }: Opened,
  threshold: number,
): { readonly far: number; readonly file: Thresholds } | null {
  const reached = curve.at(threshold).far
  if (typeof thresholds === 'string') {
    if (!(reached > 0 && reached < 1)) return null
    return { far: reached, file: { source: set.source, cosine: { [`${reached}`]: threshold } } }
  }
  const far = Math.max(reached, thresholds.impostors?.smallestFar ?? 0)
  if (far >= 1) return null
  const others = Object.entries(thresholds.cosine).filter(([other]) => Number(other) !== far)
  const cosine = Object.fromEntries([...others, [`${far}`, threshold]])
  return { far, file: { ...thresholds, cosine } }
}
