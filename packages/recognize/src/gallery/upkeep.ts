import type { Table } from '@lancedb/lancedb'
import { isRemote } from './store.js'
import type { Tables } from './tables.js'

/** Faces a partition of the index. All partitions are probed, so that their number only matters for building. */
const PARTITION = 4096
/** Versions of the faces after which small files are put together, whichever processes have made them. */
const VERSIONS = 32
/** So many faces may always lie outside the index. */
const OUTSIDE = 10_000
/** Versions younger than this stay for who is reading them. */
const KEEP_MS = 60_000

export const INDEX = 'embedding'

/**
 * Puts small files together now and then, and builds the index anew where many faces lie outside it.
 * @param before version of the faces when the write began
 */
export async function tidy(
  { faces, people }: Tables,
  before: number,
  exactFaces: number,
): Promise<void> {
  const now = await faces.version()
  if (Math.floor(now / VERSIONS) > Math.floor(before / VERSIONS)) {
    const cleanupOlderThan = new Date(Date.now() - KEEP_MS)
    for (const table of [faces, people]) await table.optimize({ cleanupOlderThan })
  }
  const total = await faces.countRows()
  if (total > exactFaces) {
    const stats = await faces.indexStats(INDEX)
    // Those outside are compared one by one, on disk; at half as many again it pays to build anew.
    const outside = stats ? stats.numUnindexedRows : total
    if (outside > Math.max(OUTSIDE, total / 3)) await buildIndex(faces, total)
  }
}

/**
 * Makes what was deleted or replaced leave the disk: rows that are left are written to new files,
 * and old files, versions and the index are removed. Compaction alone would leave single deleted
 * rows where they are.
 */
export async function purge(
  { faces, people }: Tables,
  where: string,
  exactFaces: number,
): Promise<void> {
  const indices = await faces.listIndices()
  for (const { name } of indices) await faces.dropIndex(name)
  for (const table of [faces, people]) {
    await table.update({ where: 'true', valuesSql: { id: 'id' } })
    // Files that no version names are a killed process's; on object storage they may be another's work.
    await table.optimize({ cleanupOlderThan: new Date(), deleteUnverified: !isRemote(where) })
  }
  const total = await faces.countRows()
  if (indices.length > 0 && total > exactFaces) await buildIndex(faces, total)
}

async function buildIndex(faces: Table, total: number): Promise<void> {
  const { Index } = await import('@lancedb/lancedb')
  const numPartitions = Math.max(1, Math.round(total / PARTITION))
  await faces.createIndex('embedding', {
    config: Index.ivfRq({ distanceType: 'l2', numPartitions }),
    name: INDEX,
    replace: true,
  })
}
