import type { Impostors } from '@arcface/data/onnx'
import type { ScoreArray } from '../roc/scores.js'

/** The tail of impostors' cosines; see `impostorsSchema`. */
export type Tail = NonNullable<Impostors['tail']>

/** Fewer excesses say too little of their distribution. */
const FEWEST = 20

/**
 * Peaks over threshold: a generalised Pareto distribution for the excesses over a high level, by probability-weighted
 * moments (Hosking and Wallis 1987, equation 6). The level lets 2 sqrt(pairs) of the scores pass, a tenth of them at most:
 * many enough to fit, few enough to be a tail. A cosine ends at 1, so the shape is at most 0, the exponential, which
 * errs on the side of a higher threshold.
 * @param descending the largest scores of impostor pairs, not fewer than that
 * @param pairs how many impostor pairs there were
 * @returns undefined where there are too few pairs, or all excesses are 0
 */
export function fitTail(descending: ScoreArray, pairs: number): Tail | undefined {
  const count = Math.min(Math.round(2 * Math.sqrt(pairs)), Math.floor(pairs / 10))
  if (count < FEWEST || count >= descending.length) return undefined
  const level = descending[count]!
  let [mean, weighted] = [0, 0]
  for (let i = 0; i < count; i++) {
    const excess = descending[i]! - level
    mean += excess / count
    weighted += (excess * i) / (count - 1) / count // i excesses are larger
  }
  if (!(mean > 0)) return undefined
  const shape = Math.min(0, Math.max(-1, 2 - mean / (mean - 2 * weighted)))
  return { level, rate: count / pairs, shape, scale: mean * (1 - shape) }
}

/** The cosine that the share `far` of the pairs exceeds, `far` not above the tail's rate. */
export function tailCosine({ level, rate, shape, scale }: Tail, far: number): number {
  const log = Math.log(rate / far)
  const stretch = Math.abs(shape) < 1e-9 ? log : Math.expm1(shape * log) / shape
  return level + scale * stretch
}
