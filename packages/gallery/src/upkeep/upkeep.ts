import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bytesIn } from '../store/disk.js'
import type { Table } from '../store/lance.js'
import { isRemote } from '../store/place.js'
import type { Room } from '../store/room.js'
import type { Tables } from '../store/tables.js'
import { isDamage, isDiskFull } from '../store/trouble.js'
import { removeLeftovers } from './leftovers.js'
import { forgetDeletions, owesDeletions } from './owed.js'

/** Faces of a call after which the disk is tidied at once, not with some later write. */
export const BULK = 1000
/** Of the index. All are probed, so their number matters only for building, where few are fast. */
const PARTITIONS = 16
/** Of k-means, whose centres need not be good for the same reason. */
const ITERATIONS = 4
/** Versions of the faces after which small files are put together, whichever processes have made them. */
const VERSIONS = 32
/** So many faces may always lie outside the index. */
const OUTSIDE = 10_000
/** Versions younger than this stay for who is reading them, */
const KEEP_MS = 60_000
/** unless the disk holds so many times the bytes of the newest: then who reads begins again. */
const WASTE = 1.5

export const INDEX = 'embedding'

/**
 * Makes what was deleted a while ago leave the disk, puts small files together now and then, and builds the index anew where
 * many faces lie outside it.
 * @param before version of the faces when the write began
 */
export async function tidy(tables: Tables, before: number, room: Room): Promise<void> {
  const { faces } = tables
  if (owesDeletions(tables.where)) await purge(tables, room)
  const now = await faces.version()
  if (Math.floor(now / VERSIONS) > Math.floor(before / VERSIONS)) {
    await compact(tables, new Date(Date.now() - KEEP_MS))
    if (await isWasteful(tables)) await compact(tables, new Date())
  }
  const total = await faces.countRows()
  // What is sealed has no index: it would give away what it is of.
  if (tables.vault === undefined && !(await room.fits(total))) {
    const stats = await faces.indexStats(INDEX)
    // Those outside are compared one by one, on disk; at half as many again it pays to build anew.
    const outside = stats ? stats.numUnindexedRows : total
    if (outside > Math.max(OUTSIDE, total / 3)) await buildIndex(faces)
  }
}

/** Puts small files together, and removes files that only versions older than `cleanupOlderThan` name. */
export async function compact({ faces, people }: Tables, cleanupOlderThan: Date): Promise<void> {
  for (const table of [faces, people]) await table.optimize({ cleanupOlderThan })
}

async function isWasteful({ faces, people, where }: Tables): Promise<boolean> {
  if (isRemote(where)) return false
  const [a, b] = await Promise.all([faces.stats(), people.stats()])
  return (await bytesIn(where)) > WASTE * (a.totalBytes + b.totalBytes)
}

/**
 * Makes what was deleted or replaced leave the disk: rows that are left are written to new files,
 * and old files, versions and the index are removed. Compaction alone would leave single deleted
 * rows where they are.
 */
export async function purge({ faces, people, where }: Tables, room: Room): Promise<void> {
  const indices = await faces.listIndices()
  for (const { name } of indices) await faces.dropIndex(name)
  for (const table of [faces, people]) await rewrite(table, where)
  const total = await faces.countRows()
  if (indices.length > 0 && !(await room.fits(total))) await buildIndex(faces)
  forgetDeletions(where)
}

/** Writes all rows to new files, and removes the old ones. */
export async function rewrite(table: Table, where: string): Promise<void> {
  const before = isRemote(where) ? [] : filesOf(where, table.name, 'data')
  await table.update({ where: 'true', valuesSql: { id: 'id' } })
  const cleanUp = () => table.optimize({ cleanupOlderThan: new Date() })
  await cleanUp().catch(async (error) => {
    if (isRemote(where) || isDiskFull(error) || !isDamage(error)) throw error
    // A list of an older version cannot be read, so that nobody knows what it names: but nothing of before is needed.
    const newest = `${2n ** 64n - 1n - BigInt(await table.version())}.manifest`
    for (const path of filesOf(where, table.name, '_versions'))
      if (path.endsWith('.manifest') && !path.endsWith(newest)) rmSync(path)
    for (const path of before) rmSync(path, { force: true })
    await cleanUp()
  })
  // On object storage files that no version names may be another's work.
  if (!isRemote(where)) await removeLeftovers(where, table.name)
}

/** None where nothing was written yet. */
export function filesOf(where: string, table: string, folder: string): string[] {
  const path = join(where, `${table}.lance`, folder)
  return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : []
}

function buildIndex(faces: Table): Promise<void> {
  return faces.createIndex('embedding', INDEX, {
    partitions: PARTITIONS,
    iterations: ITERATIONS,
  })
}
