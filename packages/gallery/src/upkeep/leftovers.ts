import { rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import { filesBelow } from '../store/disk.js'

/** What a writer that was mistaken for a dead one may be about to name is younger. */
const HOUR_MS = 3_600_000

/**
 * Removes files of a table that no version names, as a killed process leaves them, once they are an hour old by the clock
 * of the file system. Only for a table of which all rows and indices have just been written anew: of that every older
 * file is such a one. (LanceDB's own `deleteUnverified` takes young ones too, another writer's at work say.)
 */
export async function removeLeftovers(gallery: string, table: string): Promise<void> {
  const root = join(gallery, `${table}.lance`)
  const files = await filesBelow(root)
  const now = files.reduce((latest, { mtimeMs }) => Math.max(latest, mtimeMs), 0)
  const rows = ['data', '_indices'].map((name) => join(root, name) + sep)
  for (const { path, mtimeMs } of files)
    if (now - mtimeMs > HOUR_MS && rows.some((folder) => path.startsWith(folder)))
      rmSync(path, { force: true })
}
