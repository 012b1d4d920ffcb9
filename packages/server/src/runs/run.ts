import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openRegularAsync } from '@arcface/files'
import { metricsLine } from './line.js'
import {
  type CheckpointState,
  checkpointState,
  checkpointsOf,
  type RunConfig,
  readConfig,
  trainerOf,
} from './state.js'

export const RUN_STATES = ['running', 'stopped', 'finished', 'damaged'] as const
export type RunState = (typeof RUN_STATES)[number]

export interface RunSummary {
  readonly state: RunState
  /** What is wrong with its files. */
  readonly problem: string | null
  /** Of the last line that was measured. */
  readonly step: number
  /** null: not known before the first checkpoint. */
  readonly steps: number | null
  readonly loss: string | null
  readonly backbone: string | null
  readonly started: string
  readonly changed: string
  /** Of the last line of steps, by name. */
  readonly last: Readonly<Record<string, number>> | null
  /** The latest of each set. */
  readonly verification: readonly { readonly set: string; readonly accuracy: number }[]
}

/** Of `metrics.jsonl`, where what was measured last is looked for. */
const TAIL = 1 << 18
const PICTURES = 500

/** What a run is and where it stands, without reading all that it has measured. @param path its folder */
export async function summaryOf(path: string): Promise<RunSummary> {
  const metrics = join(path, 'metrics.jsonl')
  const [{ config, problem }, [latest], tail, made, changed] = await Promise.all([
    readConfig(path),
    checkpointsOf(path),
    tailOf(metrics),
    stat(join(path, 'config.yaml')).catch(() => undefined),
    stat(metrics).catch(() => undefined),
  ])
  const saved = latest === undefined ? undefined : await checkpointState(path, latest)
  const epochs = config?.train?.epochs
  const steps = saved && epochs !== undefined ? saved.stepsPerEpoch * epochs : null
  const step = Math.max(tail.step, latest ?? 0)
  const started = made ?? changed
  return {
    state: stateOf(path, config, saved, steps),
    ...{ problem, step, steps },
    loss: config?.loss?.name ?? null,
    backbone: config?.model?.backbone ?? null,
    started: (started?.mtime ?? new Date(0)).toISOString(),
    changed: ((changed ?? made)?.mtime ?? new Date(0)).toISOString(),
    ...{ last: tail.last, verification: tail.verification },
  }
}

/** What changes when the summary of a run does. */
export async function marksOf(path: string): Promise<string> {
  const [latest] = await checkpointsOf(path)
  const names = ['config.yaml', 'metrics.jsonl', `checkpoints/step-${latest}/state.json`]
  const marks = names.map(async (name) => {
    const found = await stat(join(path, name)).catch(() => undefined)
    return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : ''
  })
  return [trainerOf(path) !== undefined, ...(await Promise.all(marks))].join('\n')
}

function stateOf(
  path: string,
  config: RunConfig | undefined,
  saved: CheckpointState | undefined,
  steps: number | null,
): RunState {
  if (trainerOf(path)) return 'running'
  if (config === undefined) return 'damaged'
  const patience = config.verify?.patience ?? 0
  const isFinished =
    saved && ((steps !== null && saved.step >= steps) || (patience > 0 && saved.stale >= patience))
  return isFinished ? 'finished' : 'stopped'
}

async function tailOf(metrics: string) {
  let step = 0
  let last: Record<string, number> | null = null
  const verified = new Map<string, number>()
  for (const text of await lastLines(metrics)) {
    const line = metricsLine(text)
    if (line === undefined || line.kind === 'other') continue
    step = Math.max(step, line.step)
    if (line.kind === 'step') last = Object.fromEntries(line.values)
    else if (line.kind === 'verification') {
      const { set, accuracy } = line.line as { set?: unknown; accuracy?: unknown }
      if (typeof set === 'string' && typeof accuracy === 'number') verified.set(set, accuracy)
    }
  }
  const verification = [...verified].map(([set, accuracy]) => ({ set, accuracy }))
  return { step, last, verification }
}

async function lastLines(path: string): Promise<string[]> {
  const file = await openRegularAsync(path).catch(() => undefined)
  if (file === undefined) return []
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - TAIL)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n')
    return from === 0 ? lines : lines.slice(1)
  } finally {
    await file.close()
  }
}

/** Names of the pictures that a run's training wrote of its batches, the latest first. */
export async function picturesOf(path: string): Promise<string[]> {
  const names = await readdir(join(path, 'pictures')).catch(() => [])
  const order = new Intl.Collator('en', { numeric: true })
  return names
    .filter((name) => /\.(jpe?g|png|webp)$/i.test(name) && !name.startsWith('.'))
    .sort((a, b) => order.compare(b, a))
    .slice(0, PICTURES)
}
