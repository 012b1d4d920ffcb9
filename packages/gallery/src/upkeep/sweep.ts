import { byEnd, type Due, type End, endOf, keepingOf, type PersonRow } from '@arcface/vision'
import { faceCounts } from '../people/pages.js'
import type { Table } from '../store/lance.js'
import type { Tables } from '../store/tables.js'
import type { Erasure } from './erasure.js'

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
      const end = endOf(keepingOf(row))
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
    .sort((a, b) => byEnd(a.due, b.due))
}

/** When it was written to last, in milliseconds since 1970: by the tables, and by what says so of itself. */
export async function lastWritten({ people, faces }: Tables): Promise<number> {
  return Math.max(
    ...(await Promise.all([people.lastWritten(), faces.lastWritten()])),
    ...(await Promise.all([lastAdded(people), lastAdded(faces)])),
  )
}

/** Milliseconds since 1970 of the row that came last; 0 where there is none. */
async function lastAdded(table: Table): Promise<number> {
  const [row] = (await table.query().select(['added']).orderDown('added').limit(1).toArray()) as {
    added: number
  }[]
  return row?.added ?? 0
}
