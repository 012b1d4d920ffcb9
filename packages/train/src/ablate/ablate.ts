import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { TrainError } from '../errors.js'
import { measureAngles } from '../geometry/angles/measure.js'
import { isSameRun } from '../run/compatible.js'
import { readRun, runPaths, writeWhole } from '../run/folder.js'
import { lockRun } from '../run/lock.js'
import { isVerify, readMetrics } from '../run/metrics.js'
import type { TrainEvents } from '../trainer/events.js'
import { resume, train } from '../trainer/trainer.js'
import type { AblationPlan, Trial } from './plan.js'
import { ablationReport } from './report.js'
import type { TrialResult } from './result.js'
import { type AblationTable, tabulate } from './table.js'

export interface AblationEvents extends TrainEvents {
  /** Before a trial is trained or gone on with, and for one that was finished before. */
  onTrial?: (trial: Trial, index: number, state: 'new' | 'resumed' | 'finished') => void
}

/**
 * Trains every trial of a plan, skips those that are finished and goes on with one that was interrupted; measures the
 * angles of each. Writes `results.json` and `report.html` into the plan's folder after each.
 * @returns the tables of what is finished; `finished` is false after an abort
 * @throws TrainError TRAIN_RUN if a folder holds a trial of another configuration
 */
export async function ablate(
  plan: AblationPlan,
  events: AblationEvents = {},
): Promise<{ finished: boolean; table: AblationTable }> {
  using _ = await lockRun(plan.output)
  for (const trial of plan.trials) checkFolder(trial)
  for (const [index, trial] of plan.trials.entries()) {
    const state = await stateOf(trial)
    events.onTrial?.(trial, index, state)
    if (state !== 'finished') {
      const run = trial.config.output
      const done = await (state === 'new' ? train(trial.config, events) : resume(run, events))
      if (!done.finished) return { finished: false, table: write(plan) }
    }
    await angles(trial, events)
    write(plan)
  }
  return { finished: true, table: write(plan) }
}

function checkFolder({ config }: Trial): void {
  if (!existsSync(runPaths(config.output).config)) return
  if (!isSameRun(readRun(config.output).config, config))
    throw new TrainError('TRAIN_RUN', `${config.output} was trained with another configuration.`, {
      hint: 'Remove it, or choose another folder as output.',
    })
}

/** The angles are what is measured last. */
async function stateOf({ config }: Trial): Promise<'new' | 'resumed' | 'finished'> {
  const { checkpoints } = runPaths(config.output)
  if (existsSync(anglesPath(config))) return 'finished'
  if (existsSync(join(checkpoints, 'latest'))) return 'resumed'
  using _ = await lockRun(config.output)
  rmSync(config.output, { recursive: true, force: true }) // ended before its first checkpoint
  return 'new'
}

function write(plan: AblationPlan): AblationTable {
  const results = plan.trials.filter(({ config }) => existsSync(anglesPath(config))).map(read)
  const table = tabulate(plan.labels, results)
  writeWhole(join(plan.output, 'results.json'), JSON.stringify({ ...table, trials: results }))
  writeWhole(join(plan.output, 'report.html'), ablationReport(plan, table, results))
  return table
}

const anglesPath = ({ output }: Trial['config']) => join(output, 'angles.json')

async function angles({ config }: Trial, { onWarning }: AblationEvents): Promise<void> {
  const path = anglesPath(config)
  if (existsSync(path)) return
  const folders = config.verify.sets.flatMap(({ images }) => images ?? [])
  const { centres, sets } = await measureAngles(config.output, [...new Set(folders)], {
    checkpoint: 'latest',
    history: false,
    ...(onWarning && { onWarning }),
  })
  writeWhole(path, JSON.stringify({ centres, sets }))
}

function read({ label, seed, config }: Trial): TrialResult {
  const verified = readMetrics(runPaths(config.output).metrics).filter(isVerify)
  const angles = JSON.parse(readFileSync(anglesPath(config), 'utf8')) as TrialResult['angles']
  return { label, seed, loss: lossKey(config), verified, angles }
}

/** `norm-softmax+intra`: what the paper's tables are looked up by, which know no teacher. */
function lossKey({ loss, distill }: Trial['config']): string {
  const added = Array.isArray(loss.regularizers) ? (loss.regularizers as { name: string }[]) : []
  const own = loss.name === 'none' ? [] : [loss.name, ...added.map(({ name }) => name)]
  return [...own, ...(distill ? ['teacher'] : [])].join('+')
}
