import { scalarsOf } from '../events/scalars.js'
import { EventWriter } from '../events/writer.js'
import { runPaths } from './folder.js'
import { appendMetrics, isVerify, type Metrics, readMetrics } from './metrics.js'

/** Writes what a run measures: into `metrics.jsonl`, and for TensorBoard. */
export class RunLog {
  readonly #path: string
  readonly #events: EventWriter
  /** Verifications that are in the file: one that is repeated to write the report again is not written twice. */
  readonly #verified: Set<string>

  constructor(run: string) {
    this.#path = runPaths(run).metrics
    this.#events = new EventWriter(run)
    this.#verified = new Set(readMetrics(this.#path).filter(isVerify).map(key))
  }

  /** @throws TrainError TRAIN_DISK_FULL */
  add(line: Metrics): void {
    if (isVerify(line)) {
      if (this.#verified.has(key(line))) return
      this.#verified.add(key(line))
    }
    appendMetrics(this.#path, line)
    this.#events.add(line.step, scalarsOf(line))
  }
}

const key = ({ step, set }: { step: number; set: string }): string => `${step} ${set}`
