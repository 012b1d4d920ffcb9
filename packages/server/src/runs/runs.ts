import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ServerError } from '../errors.js'
import { isRunFolder } from '../workspace/entries.js'
import type { Workspace } from '../workspace/workspace.js'
import { ablationOf, type FoundRun, findRuns } from './find.js'
import { RunMetrics } from './metrics.js'
import { marksOf, picturesOf, type RunSummary, summaryOf } from './run.js'
import { checkpointState, checkpointsOf, readConfig, trainerOf } from './state.js'

/** Runs whose metrics are kept in memory. */
const MOST_READ = 8

export type RunView = FoundRun & RunSummary
type ToldRuns = Map<string, { readonly marks: string; readonly summary: RunSummary }>

/** The runs of a workspace: a run is known by its place. */
export class Runs {
  /** The one asked for last comes last. */
  readonly #metrics = new Map<string, RunMetrics>()
  /** As they were told, with what tells whether they are the same. */
  #told: ToldRuns = new Map()
  #listing: Promise<RunView[]> | undefined

  constructor(readonly workspace: Workspace) {}

  /** All of them, the one that changed last first. Requests that come meanwhile get the same. */
  list(): Promise<RunView[]> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined
    })
    return this.#listing
  }

  /** @throws ServerError SERVER_MISSING; SERVER_REQUEST: no run */
  pathOf(run: string): string {
    const { path, stat } = this.workspace.there(run, 'run')
    if (stat.isDirectory() && isRunFolder(readdirSync(path))) return path
    throw new ServerError('SERVER_REQUEST', 'run: no training wrote this')
  }

  /** Errors as `pathOf`. */
  async one(run: string) {
    const path = this.pathOf(run)
    const [summary, { yaml, config }, steps, pictures] = await Promise.all([
      summaryOf(path),
      readConfig(path),
      checkpointsOf(path),
      picturesOf(path),
    ])
    const checkpoints = await Promise.all(
      steps.map(async (step) => {
        const { score = null } = (await checkpointState(path, step)) ?? {}
        return { step, path: `${run}/checkpoints/step-${step}`, score: score ?? null }
      }),
    )
    const own = (name: string) => (existsSync(join(path, name)) ? `${run}/${name}` : null)
    return {
      ...{ run, ablation: ablationOf(run), ...summary },
      ...{ config: config ?? null, yaml, checkpoints },
      pictures: pictures.map((name) => `${run}/pictures/${name}`),
      report: own('report.html'),
    }
  }

  /** What a run has measured, read as far as it is; errors as `pathOf`. */
  metrics(run: string): RunMetrics {
    const path = join(this.pathOf(run), 'metrics.jsonl')
    const found = this.#metrics.get(path) ?? new RunMetrics(path)
    this.#metrics.delete(path)
    this.#metrics.set(path, found)
    for (const [other] of this.#metrics)
      if (this.#metrics.size > MOST_READ) this.#metrics.delete(other)
    return found
  }

  /**
   * Asks the process that trains it to save and end.
   * @throws ServerError SERVER_CONFLICT: none of this machine does; as `pathOf`
   */
  stop(run: string): void {
    const trainer = trainerOf(this.pathOf(run))
    if (trainer === undefined)
      throw new ServerError('SERVER_CONFLICT', 'no process of this machine trains it')
    try {
      process.kill(trainer.pid, 'SIGINT')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EPERM') return // it has just ended
      throw new ServerError('SERVER_CONFLICT', 'the process that trains it is of another user', {
        cause,
      })
    }
  }

  async #list(): Promise<RunView[]> {
    const runs: RunView[] = []
    const told: ToldRuns = new Map()
    for (const one of await findRuns(this.workspace)) {
      const path = join(this.workspace.folder, one.run)
      const marks = await marksOf(path)
      const before = this.#told.get(one.run)
      const summary = before?.marks === marks ? before.summary : await summaryOf(path)
      told.set(one.run, { marks, summary })
      runs.push({ ...one, ...summary })
    }
    this.#told = told
    return runs.sort((a, b) => (a.changed < b.changed ? 1 : -1))
  }
}
