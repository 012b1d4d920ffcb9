import type { StepMetrics, VerifyMetrics } from '../run/metrics.js'
import type { Beginning } from '../weights/begin.js'

/** What a trainer tells while it works. */
export interface TrainEvents {
  /** Once, before the first step. */
  onStart?: (plan: TrainPlan) => void
  /** Before the first step, of a pass over the images for `what` the training begins with: `statistics`, `centres`, `teacher`. */
  onPass?: (what: string, done: number, total: number) => void
  /** After every step. */
  onStep?: (metrics: StepMetrics) => void
  onVerify?: (metrics: VerifyMetrics) => void
  onCheckpoint?: (folder: string) => void
  /** A profile was written, of so many steps. */
  onProfile?: (file: string, steps: number) => void
  /** What is odd but no reason to stop. */
  onWarning?: (message: string) => void
  /** Records some steps for chrome://tracing or Perfetto, into the run's folder: see `Profile`. */
  profile?: boolean
  /** Aborted: the step is finished, a checkpoint saved, `train` returns. */
  signal?: AbortSignal
}

export interface TrainPlan {
  people: number
  images: number
  /** Of the images those of nobody in particular. */
  unlabelled: number
  parameters: number
  /** Steps done already, of a resumed run. */
  step: number
  steps: number
  threads: number
  /** Steps over which the margin grows from 0: until then the loss may rise. */
  marginSteps: number
  /** Processes that train together. */
  ranks: number
  /** What became of the weights to begin with, if any were named. */
  beginning: Beginning | null
  /** The ONNX file that the backbone is made of, and what its pixels are, in words; null for another backbone. */
  file: { name: string; pixels: string } | null
}

export interface TrainResult {
  run: string
  step: number
  steps: number
  /** False if it was interrupted. */
  finished: boolean
  loss: number | null
  /** Results on the verification sets after the last step. */
  verification: VerifyMetrics[]
}
