import { type End, endOf, type PersonRow, personOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { faceCounts } from '../people/pages.js'
import type { Table } from '../store/lance.js'
import type { Tables } from '../store/tables.js'
import type { Erasure } from './erasure.js'

/** By so much the clocks of several machines may differ. */
const SKEW_MS = 300_000

export interface SweepOptions {
  /** Default: what the clock says. */
  readonly now?: Date
  /** Tells who is due, and erases nobody. */
  readonly dryRun?: boolean
  /** The clock is right though the gallery was written to later than it says: by one that ran ahead. */
  readonly trustClock?: boolean
}

/** Somebody whose time is over. */
export interface Due extends End {
  readonly name: string
  readonly faces: number
}

export interface Swept {
  /** By this time. */
  readonly now: Date
  /** In the order of their ends. */
  readonly due: readonly Due[]
  /** null: nobody was erased. */
  readonly erasure: Erasure | null
}

/** People whose consent or retention has ended, the earliest first. */
export async function dueIn(
  tables: Tables,
  now: Date,
): Promise<{ readonly row: PersonRow; readonly due: Due }[]> {
  const found: { row: PersonRow; end: End }[] = []
  for await (const batch of tables.people.query())
    for (const row of batch as Iterable<PersonRow>) {
      const end = endOf(personOf(row))
      if (end && end.at <= now) found.push({ row: { ...row, groups: [] }, end })
    }
  const counts = await faceCounts(
    tables.faces,
    found.map(({ row }) => row.id),
  )
  return found
    .map(({ row, end }) => ({
      row,
      due: { name: row.name, faces: counts.get(row.id) ?? 0, ...end },
    }))
    .sort((a, b) => a.due.at.getTime() - b.due.at.getTime() || (a.due.name < b.due.name ? -1 : 1))
}

/** @throws GalleryError GALLERY_CLOCK where the gallery was written to after `now` */
export async function checkClock(tables: Tables, now: Date): Promise<void> {
  const { people, faces, called } = tables
  const written = Math.max(
    ...(await Promise.all([people.lastWritten(), faces.lastWritten()])),
    ...(await Promise.all([lastAdded(people), lastAdded(faces)])),
  )
  if (now.getTime() + SKEW_MS >= written) return
  throw new GalleryError(
    'GALLERY_CLOCK',
    `${called}: the clock says ${now.toISOString()}, but it was written to at ${new Date(written).toISOString()}: nobody is erased`,
    {
      hint: 'Set the clock. Where it is right, and another ran ahead, say so (`trustClock`).',
    },
  )
}

/** Milliseconds since 1970 of the row that came last; 0 where there is none. */
async function lastAdded(table: Table): Promise<number> {
  const [row] = (await table.query().select(['added']).orderDown('added').limit(1).toArray()) as {
    added: number
  }[]
  return row?.added ?? 0
}
