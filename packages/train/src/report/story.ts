import type { FolderDataset } from '@arcface/data'
import type { Config } from '../config/schema.js'
import type { Metrics } from '../run/metrics.js'
import type { Overlap } from '../verification/overlap.js'
import type { Verified } from '../verification/verification.js'

/** What a report tells of a run beside its metrics. */
export interface RunStory {
  config: Config
  dataset: FolderDataset
  /** Of the verification sets with the training data. */
  overlap: readonly Overlap[]
  step: number
  steps: number
  parameters: number
  ranks: number
  threads: number
  /** Null where the training has come to its end, else why it has not. */
  stopped: string | null
  /** A step that is not in the metrics. */
  last: Metrics | null
  /** What was measured last, in full, and after which step. */
  found: readonly Verified[]
  measuredAt: number
}
