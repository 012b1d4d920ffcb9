import { join } from 'node:path'
import { isPhotoName } from '@arcface/recognize'
import { isRunFolder, isTrialName, someOf } from '../workspace/entries.js'
import type { Workspace } from '../workspace/workspace.js'

/** Folders below the workspace's that are looked into, how deep, and entries of each. */
const MOST_FOLDERS = 4000
const DEEPEST = 6
const MOST_ENTRIES = 1000
/** Folders beside each other that may be those of people, and how many of them are looked at. */
const MANY = 20
const LOOKED = 8

/** A folder that a training wrote, as a place. */
export interface FoundRun {
  readonly run: string
  /** The folder of the ablation that it is of. */
  readonly ablation: string | null
}

/** The runs of the workspace. Folders of people are not looked into, nor is what lies behind links. */
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
      const folders = entries.filter((entry) => entry.isDirectory())
      const places = folders.map(({ name }) => (place === '' ? name : `${place}/${name}`))
      if (!(await arePeople(folder, places))) next.push(...places)
    }
    level = next
  }
  return found
}

/** A data set may have a hundred thousand: in each of the first that are looked at lie photographs. */
async function arePeople(folder: string, places: readonly string[]): Promise<boolean> {
  if (places.length < MANY) return false
  const looks = places.slice(0, LOOKED).map(async (place) => {
    const entries = await someOf(join(folder, place)).catch(() => [])
    return entries.some(({ name }) => isPhotoName(name))
  })
  return (await Promise.all(looks)).every(Boolean)
}

export function ablationOf(run: string): string | null {
  const parts = run.split('/')
  return parts.length > 1 && isTrialName(parts.at(-1)!) ? parts.slice(0, -1).join('/') : null
}
