import { readdirSync, rmSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

/** What a writer that was mistaken for a dead one may be about to name is younger. */
const HOUR_MS = 3_600_000

/**
 * Removes files of a table that no version names, as a killed process leaves them, once they are an hour old by the clock
 * of the file system. Only for a table of which all rows and indices have just been written anew: of that every older
 * file is such a one. (LanceDB's own `deleteUnverified` takes young ones too, another writer's at work say.)
 */
export function removeLeftovers(gallery: string, table: string): void {
  const root = join(gallery, `${table}.lance`)
  const files = filesIn(root).flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat ? { path, time: stat.mtimeMs } : []
  })
  const now = files.reduce((latest, { time }) => Math.max(latest, time), 0)
  const rows = ['data', '_indices'].map((name) => join(root, name) + sep)
  for (const { path, time } of files)
    if (now - time > HOUR_MS && rows.some((folder) => path.startsWith(folder)))
      rmSync(path, { force: true })
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
