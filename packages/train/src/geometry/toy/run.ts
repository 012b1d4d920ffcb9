import { getNumThreads, setNumThreads } from '@arcface/libtorch'
import {
  type AngleStatistics,
  angleBetween,
  angleStatistics,
  type CentreStatistics,
  centreStatistics,
  directionsOf,
  embeddingCentres,
  type Labelled,
} from '../angles/statistics.js'
import type { NamedLoss } from '../named-loss.js'
import { drawPatterns, type Patterns } from './patterns.js'
import { type ToyFrame, type ToyOptions, trainToy } from './train.js'

/** The same patterns and network under one loss. */
export interface ToyRun extends NamedLoss {
  dim: 2 | 3
  labels: Int32Array
  identities: number
  frames: ToyFrame[]
  /** Of each frame, in radians; those of the centres are null for a loss without. */
  statistics: (AngleStatistics & { gap: number } & (
      | CentreStatistics
      | { wEc: null; wInter: null }
    ))[]
}

export interface ToyPlan extends Omit<ToyOptions, 'dim'> {
  identities: number
  perIdentity: number
  dims: readonly (2 | 3)[]
}

/** Eight identities as in the paper's figure 3; some two seconds a loss and dimension on one core. */
export const toyPlan: ToyPlan = {
  identities: 8,
  perIdentity: 200,
  dims: [2, 3],
  steps: 1500,
  frames: 24,
  seed: 1,
}

/**
 * Trains the toy network under each loss in each dimension, on one thread, so that a seed gives the same pictures on
 * any machine of one kind. `onRun` is told what comes next.
 * @throws TrainError TRAIN_LOSS
 */
export function runToy(
  losses: readonly NamedLoss[],
  plan: ToyPlan = toyPlan,
  onRun: (label: string, dim: number) => void = () => {},
): { patterns: Patterns; runs: ToyRun[] } {
  const patterns = drawPatterns(plan)
  const threads = getNumThreads()
  setNumThreads(1)
  try {
    const runs = plan.dims.flatMap((dim) =>
      losses.map((one) => {
        onRun(one.label, dim)
        const frames = trainToy(one, patterns, { ...plan, dim })
        return describe(one, dim, patterns, frames)
      }),
    )
    return { patterns, runs }
  } finally {
    setNumThreads(threads)
  }
}

function describe(one: NamedLoss, dim: 2 | 3, patterns: Patterns, frames: ToyFrame[]): ToyRun {
  const { labels, identities } = patterns
  const statistics = frames.map(({ features, centres }) => {
    const given: Labelled = { embeddings: features, labels, dim, classes: identities }
    const ofCentres = centres ? centreStatistics(given, centres) : { wEc: null, wInter: null }
    return { ...angleStatistics(given), gap: gapOf(given), ...ofCentres }
  })
  return { ...one, dim, labels, identities, frames, statistics }
}

/**
 * By so many radians 95 % of the features are nearer to the mean direction of their own identity than to any other; below
 * 0, more than 5 % are nearer to another.
 */
function gapOf(given: Labelled): number {
  const { labels, dim, classes } = given
  const directions = directionsOf(given.embeddings, dim)
  const centres = embeddingCentres(given)
  const gaps = Float64Array.from(labels, (label, row) => {
    const to = Array.from({ length: classes }, (_, j) =>
      angleBetween(directions, row, centres, j, dim),
    )
    return Math.min(...to.filter((_, j) => j !== label)) - to[label]!
  })
  return gaps.sort()[Math.floor(gaps.length / 20)]!
}
