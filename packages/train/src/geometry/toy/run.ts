import { getNumThreads, setNumThreads } from '@arcface/libtorch'
import {
  type AngleStatistics,
  angleStatistics,
  type CentreStatistics,
  centreStatistics,
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
  statistics: (AngleStatistics & (CentreStatistics | { wEc: null; wInter: null }))[]
}

export interface ToyPlan extends Omit<ToyOptions, 'dim'> {
  identities: number
  perIdentity: number
  dims: readonly (2 | 3)[]
}

/** Eight identities as in the paper's figure 3; under a second a loss on one core. */
export const toyPlan: ToyPlan = {
  identities: 8,
  perIdentity: 100,
  dims: [2, 3],
  steps: 800,
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
    return { ...angleStatistics(given), ...ofCentres }
  })
  return { ...one, dim, labels, identities, frames, statistics }
}
