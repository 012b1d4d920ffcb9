import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readRegular } from '@arcface/files'
import { ServerError } from '../errors.js'
import { isTrialName } from '../workspace/entries.js'
import type { Workspace } from '../workspace/workspace.js'
import { summaryOf } from './run.js'
import { trainerOf } from './state.js'

const MOST_BYTES = 64 << 20

/**
 * An ablation as it grows: its trials, and the table of those that are finished.
 * @throws ServerError SERVER_MISSING; SERVER_REQUEST: no ablation
 */
export async function ablationAt(workspace: Workspace, place: string) {
  const { path, stat } = workspace.there(place)
  const names = stat.isDirectory() ? (await readdir(path)).filter(isTrialName).sort() : []
  if (names.length === 0)
    throw new ServerError('SERVER_REQUEST', 'path: no ablation lies there, or none that has begun')
  const trials = await Promise.all(
    names.map(async (name) => {
      const [, entry, seed] = /^(.*)-seed-(\d+)$/.exec(name)!
      const run = `${place}/${name}`
      return {
        ...{ entry: entry!, seed: Number(seed), run },
        ...(await summaryOf(join(path, name))),
      }
    }),
  )
  const state: 'running' | 'stopped' = trainerOf(path) ? 'running' : 'stopped'
  return { path: place, state, trials, table: await tableOf(join(path, 'results.json')) }
}

/** As the command wrote it after its last trial; null before the first is done, or where it is damaged. */
async function tableOf(path: string): Promise<unknown> {
  try {
    const { trials: _, ...table } = JSON.parse((await readRegular(path, MOST_BYTES)).toString())
    return table
  } catch {
    return null
  }
}
