import { join } from 'node:path'
import { startProfile, stopProfile } from '@arcface/libtorch'
import { writeWhole } from '../run/folder.js'
import type { StepClock } from '../step/clock.js'

/** The first steps find memory and choose kernels; some are enough to look at. */
const SKIPPED = 3
const RECORDED = 3

/** One thing that took time, of Chrome's trace event format; times in microseconds. */
interface TraceEvent {
  name: string
  cat: string
  ph: 'X'
  ts: number
  dur: number
  pid: number
  tid: number
}

/** Track of the parts of a step; libtorch counts its threads from 1. */
const STEP_TRACK = 0

/**
 * Records steps 4 to 6 of this process: the parts of the step, and every operator of libtorch with its thread, as
 * `profile.json` (of rank R above 0: `profile-R.json`) for chrome://tracing or ui.perfetto.dev.
 */
export class Profile {
  readonly file: string
  #steps = 0
  #recording = false
  #phases: TraceEvent[] = []

  constructor(
    run: string,
    readonly rank: number,
    readonly clock: StepClock,
  ) {
    this.file = join(run, rank === 0 ? 'profile.json' : `profile-${rank}.json`)
  }

  /** A step begins. */
  before(): void {
    if (this.#steps++ !== SKIPPED) return
    startProfile()
    this.#recording = true
    // performance.now counts from the start of the process, libtorch's profile from that of the machine.
    const offset = Number(process.hrtime.bigint()) / 1000 - 1000 * performance.now()
    this.clock.listener = (phase, start, end) =>
      this.#phases.push(this.#event(phase, 'step', STEP_TRACK, 1000 * start + offset, end - start))
  }

  /** A step is done. @returns the steps in the file, if it was written now */
  after(): number | null {
    return this.#steps === SKIPPED + RECORDED ? this.finish() : null
  }

  /** Writes what is recorded, if that has not been done. @throws TrainError TRAIN_DISK_FULL */
  finish(): number | null {
    if (!this.#recording) return null
    this.#recording = false
    this.clock.listener = null
    const operators = stopProfile().map(({ name, backward, thread, start, end }) =>
      this.#event(name, backward ? 'backward' : 'operator', thread, start, (end - start) / 1000),
    )
    const tracks = new Set([STEP_TRACK, ...operators.map(({ tid }) => tid)])
    const traceEvents = [
      this.#label('process_name', 0, `rank ${this.rank}`),
      ...[...tracks].map((tid) =>
        this.#label('thread_name', tid, tid === STEP_TRACK ? 'step' : `libtorch, thread ${tid}`),
      ),
      ...this.#phases,
      ...operators,
    ]
    writeWhole(this.file, JSON.stringify({ displayTimeUnit: 'ms', traceEvents }))
    return this.#steps - SKIPPED
  }

  /** @param start in microseconds @param milliseconds that it took */
  #event(name: string, cat: string, tid: number, start: number, milliseconds: number): TraceEvent {
    return { name, cat, ph: 'X', ts: start, dur: 1000 * milliseconds, pid: this.rank, tid }
  }

  #label(what: string, tid: number, name: string) {
    return { name: what, ph: 'M', pid: this.rank, tid, args: { name } }
  }
}
