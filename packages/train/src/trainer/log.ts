import { scalarsOf } from '../events/scalars.js'
import { EventWriter } from '../events/writer.js'
import { runPaths } from '../run/folder.js'
import { appendMetrics, isStep, type Metrics, readMetrics } from '../run/metrics.js'

/** Writes what a run measures: into `metrics.jsonl`, and for TensorBoard. */
export class RunLog {
  readonly #path: string
  readonly #events: EventWriter
  /** Verifications that are in the file: one that is repeated to write the report again is not written twice. */
  readonly #verified: Set<string>

  constructor(run: string) {
    this.#path = runPaths(run).metrics
    this.#events = new EventWriter(run)
    this.#verified = new Set(readMetrics(this.#path).flatMap((line) => key(line) ?? []))
  }

  /** @throws TrainError TRAIN_DISK_FULL */
  add(line: Metrics): void {
    const verified = key(line)
    if (verified !== null) {
      if (this.#verified.has(verified)) return
      this.#verified.add(verified)
    }
    appendMetrics(this.#path, line)
    this.#events.add(line.step, scalarsOf(line))
  }
}

/** What a line about a verification is known by. */
const key = (line: Metrics): string | null =>
  isStep(line) ? null : `${line.step} ${line.set} ${'failure' in line ? line.failure : ''}`
