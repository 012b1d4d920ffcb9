import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import { ServerError } from '../errors.js'
import { type Problem, problemOf } from '../http/problem.js'

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'

/** What is told of a job. */
export interface JobView {
  readonly id: string
  readonly kind: string
  readonly gallery: string
  readonly state: JobState
  readonly created: string
  readonly ended: string | null
  /** Of `total`, where that is known. */
  readonly done: number
  readonly total: number | null
  readonly result: unknown
  readonly problem: Problem | null
}

export interface NewJob {
  readonly kind: string
  readonly gallery: string
  /** Id of the key that asked for it. */
  readonly owner: string
  /** Frees what the job was given, whether it ran or not. */
  readonly release?: () => void
  work(told: (done: number, total: number) => void, signal: AbortSignal): Promise<unknown>
}

/** Jobs that wait or run, and those that have ended and are remembered. */
const MOST_WAITING = 8
/** Of a key. */
const MOST_OF_ONE = 4
const MOST_ENDED = 100
const REMEMBERED_MS = 24 * 3_600_000

/** A job: `change` is emitted with every change. */
export class Job extends EventEmitter<{ change: [] }> {
  readonly id = randomUUID()
  readonly #created = new Date()
  readonly #stop = new AbortController()
  #state: JobState = 'waiting'
  #ended: Date | null = null
  #progress: { done: number; total: number | null } = { done: 0, total: null }
  #outcome: { result: unknown; problem: Problem | null } = { result: null, problem: null }
  #failure: unknown

  constructor(readonly given: NewJob) {
    super()
    // Each of those who watch it listens.
    this.setMaxListeners(0)
  }

  get view(): JobView {
    const { kind, gallery } = this.given
    return {
      ...{ id: this.id, kind, gallery, state: this.#state },
      ...{ created: this.#created.toISOString(), ended: this.#ended?.toISOString() ?? null },
      ...this.#progress,
      ...this.#outcome,
    }
  }

  get isOver(): boolean {
    return this.#ended !== null
  }

  /** What was thrown, for the log: a problem does not tell what its reader cannot mend. */
  get failure(): unknown {
    return this.#failure
  }

  get isForgotten(): boolean {
    return this.#ended !== null && Date.now() - this.#ended.getTime() > REMEMBERED_MS
  }

  /** Never fails: the next one comes after it. */
  async run(): Promise<void> {
    if (this.isOver) return
    this.#state = 'running'
    this.emit('change')
    const { signal } = this.#stop
    try {
      const told = (done: number, total: number) => {
        this.#progress = { done, total }
        this.emit('change')
      }
      const result = await this.given.work(told, signal)
      this.#outcome = { result, problem: null }
      this.#end(signal.aborted ? 'cancelled' : 'done')
    } catch (error) {
      if (!signal.aborted) this.#fail(error)
      this.#end(signal.aborted ? 'cancelled' : 'failed')
    }
  }

  /** Ends it before the next photograph; what is committed stays. */
  cancel(): void {
    this.#stop.abort(new ServerError('SERVER_STOPPING', 'the job was cancelled'))
    if (this.#state === 'waiting') this.#end('cancelled')
  }

  #end(state: JobState): void {
    this.#state = state
    this.#ended = new Date()
    try {
      this.given.release?.()
    } catch (error) {
      this.#failure ??= error
    }
    this.emit('change')
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#outcome = { result: null, problem: problemOf(error) }
  }
}

/** Long work, one job after the other, so that requests have the cores; jobs are this process's and end with it. */
export class Jobs {
  readonly #all = new Map<string, Job>()
  readonly #onEnd: (job: Job) => void
  #line: Promise<void> = Promise.resolve()
  #closed = false

  /** @param onEnd is told each job that has ended */
  constructor(onEnd: (job: Job) => void = () => {}) {
    this.#onEnd = onEnd
  }

  /** Whether one more would be taken: to be asked before its file is. @throws ServerError SERVER_BUSY, SERVER_RATE, SERVER_STOPPING */
  check(owner: string): void {
    if (this.#closed) throw new ServerError('SERVER_STOPPING', 'the server is stopping')
    const waiting = [...this.#all.values()].filter((job) => !job.isOver)
    const theirs = waiting.filter((job) => job.given.owner === owner).length
    const retry = { retryAfter: 60 }
    if (theirs >= MOST_OF_ONE)
      throw new ServerError('SERVER_RATE', `${theirs} jobs of this key wait already`, retry)
    if (waiting.length >= MOST_WAITING)
      throw new ServerError('SERVER_BUSY', `${waiting.length} jobs wait already`, retry)
  }

  /** Errors as `check`; then `release` was called. */
  start(given: NewJob): Job {
    this.#forget()
    try {
      this.check(given.owner)
    } catch (error) {
      given.release?.()
      throw error
    }
    const job = new Job(given)
    this.#all.set(job.id, job)
    this.#line = this.#line.then(() => job.run()).then(() => this.#onEnd(job))
    return job
  }

  /** In the order in which they came. */
  list(): Job[] {
    return [...this.#all.values()].filter((job) => !job.isForgotten)
  }

  get(id: string): Job | undefined {
    return this.#all.get(id)
  }

  /** Cancels what is left, and waits until it has ended. */
  async close(): Promise<void> {
    this.#closed = true
    for (const job of this.#all.values()) if (!job.isOver) job.cancel()
    await this.#line
  }

  #forget(): void {
    const ended = [...this.#all.values()].filter((job) => job.isOver)
    const old = ended.slice(0, Math.max(0, ended.length - MOST_ENDED))
    for (const job of ended) if (job.isForgotten || old.includes(job)) this.#all.delete(job.id)
  }
}
