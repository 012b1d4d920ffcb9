import { join } from 'node:path'
import { isPhotoName } from '@arcface/recognize'
import { isRunFolder, isTrialName, someOf } from '../workspace/entries.js'
import type { Workspace } from '../workspace/workspace.js'

/** Folders below the workspace's that are looked into, how deep, and entries of each. */
const MOST_FOLDERS = 4000
const DEEPEST = 6
const MOST_ENTRIES = 1000
/** Folders beside each other that may be those of people. */
const MANY = 20

/** A folder that a training wrote, as a place. */
export interface FoundRun {
  readonly run: string
  /** The folder of the ablation that it is of. */
  readonly ablation: string | null
}

/** The runs of the workspace. Folders of photographs are not looked into, nor is what lies behind links. */
export async function findRuns({ folder }: Workspace): Promise<FoundRun[]> {
  const found: FoundRun[] = []
  let level = ['']
  let looked = 0
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = []
    for (const place of level) {
      if (looked++ >= MOST_FOLDERS) return found
      const entries = await someOf(join(folder, place), MOST_ENTRIES).catch(() => [])
      if (place !== '' && isRunFolder(entries.map(({ name }) => name))) {
        found.push({ run: place, ablation: ablationOf(place) })
        continue
      }
      if (entries.some(({ name }) => isPhotoName(name))) continue
      const folders = entries.filter((entry) => entry.isDirectory())
      const places = folders.map(({ name }) => (place === '' ? name : `${place}/${name}`))
      if (!(await arePeople(folder, places))) next.push(...places)
    }
    level = next
  }
  return found
}

/** A folder of a data set may have a hundred thousand, of which one is looked at. */
async function arePeople(folder: string, places: readonly string[]): Promise<boolean> {
  if (places.length < MANY) return false
  const first = await someOf(join(folder, places[0]!)).catch(() => [])
  return first.some(({ name }) => isPhotoName(name))
}

export function ablationOf(run: string): string | null {
  const parts = run.split('/')
  return parts.length > 1 && isTrialName(parts.at(-1)!) ? parts.slice(0, -1).join('/') : null
}
