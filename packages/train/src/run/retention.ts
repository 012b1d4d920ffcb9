import {
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'

// The folder `checkpoints`: `step-N`, the links `latest` and `best`, and what is being written or removed under names
// that begin with a dot. Each function may be killed at any instruction.

/** Steps of the whole checkpoints, newest first. */
export const stepsIn = (checkpoints: string): number[] =>
  existsSync(checkpoints)
    ? readdirSync(checkpoints)
        .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => b - a)
    : []

/** Moves a symbolic link in one rename. */
export function point(checkpoints: string, link: string, step: number): void {
  const temporary = join(checkpoints, `.${link}.tmp`)
  rmSync(temporary, { force: true })
  symlinkSync(`step-${step}`, temporary)
  renameSync(temporary, join(checkpoints, link))
}

/** The step that a link names; null where there is no such link. */
export function pointed(checkpoints: string, link: string): number | null {
  try {
    const step = /^step-(\d+)$/.exec(readlinkSync(join(checkpoints, link)))?.[1]
    return step === undefined ? null : Number(step)
  } catch {
    return null
  }
}

/** Removes a checkpoint: half of one never bears its name. */
function remove(checkpoints: string, step: number): void {
  const gone = join(checkpoints, `.step-${step}.gone.tmp`)
  rmSync(gone, { recursive: true, force: true })
  renameSync(join(checkpoints, `step-${step}`), gone)
  rmSync(gone, { recursive: true, force: true })
}

/** Keeps the newest `keep`, and the `keepBest` of the highest scores (the earlier one of equals). */
export function prune(checkpoints: string, keep: number, keepBest: number): void {
  const steps = stepsIn(checkpoints)
  const best = steps
    .map((step) => ({ step, score: scoreOf(join(checkpoints, `step-${step}`)) }))
    .filter(({ score }) => score !== null)
    .sort((a, b) => b.score! - a.score! || a.step - b.step)
    .slice(0, keepBest)
    .map(({ step }) => step)
  const kept = new Set([...steps.slice(0, keep), ...best, pointed(checkpoints, 'best')])
  for (const step of steps) if (!kept.has(step)) remove(checkpoints, step)
}

/** Accuracy of the first verification set at a checkpoint, if it was measured there. */
function scoreOf(folder: string): number | null {
  try {
    const { score } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'))
    return typeof score === 'number' ? score : null
  } catch {
    return null
  }
}

/**
 * Clears what a killed process left: temporary files and folders, checkpoints after `step`, from which the run goes
 * on, and a link `best` that says something else than `bestStep` (null: not known).
 */
export function tidy(
  run: string,
  checkpoints: string,
  step: number,
  bestStep: number | null,
): void {
  for (const folder of [run, checkpoints].filter((one) => existsSync(one)))
    for (const name of readdirSync(folder))
      if (name.endsWith('.tmp')) rmSync(join(folder, name), { recursive: true, force: true })
  const steps = stepsIn(checkpoints)
  for (const later of steps.filter((one) => one > step)) remove(checkpoints, later)
  if (bestStep !== null && steps.includes(bestStep)) point(checkpoints, 'best', bestStep)
  if (steps.includes(step)) point(checkpoints, 'latest', step)
}
