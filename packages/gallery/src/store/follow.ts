import { Turns } from '@arcface/recognize'
import type { RecordBatch } from 'apache-arrow'
import type { Table } from './lance.js'

/** Rows of a batch that are read before others have their turn. */
const SLICE = 1024

/** Rows of a table in memory, by their numbers. */
interface Holding<T> {
  readonly size: number
  /** Rows that are gone and still take memory. */
  readonly waste: number
  has(row: number): boolean
  rows(): IterableIterator<number>
  remove(row: number): void
  take(other: T): void
}

/** How rows are read: the columns, and what takes a batch of them. */
export interface Reading<T> {
  readonly columns: readonly string[]
  empty(): T
  /** @param batch a slice of one, perhaps @param rows numbers of the batch's rows */
  add(to: T, batch: RecordBatch, rows: Float64Array): void
}

/**
 * Brings `held` to what a table (at one version) holds, and returns it; or something new, where that
 * is less work. Rows of Lance never change: one that was updated or moved has another number. So the
 * numbers, which are no column to be read, tell what is gone and what is to be read.
 */
export async function follow<T extends Holding<T>>(
  table: Table,
  held: T | undefined,
  reading: Reading<T>,
): Promise<T> {
  if (held === undefined) return read(table, reading)
  const there = new Set<number>()
  for await (const batch of table.query().select([]).withRowId())
    for (const row of numbers(batch)) there.add(row)
  const fresh = [...there].filter((row) => !held.has(row))
  const gone = [...held.rows()].filter((row) => !there.has(row))
  if (fresh.length + gone.length + held.waste > there.size / 2) return read(table, reading)
  const news = fresh.length > 0 ? await read(table, reading, fresh) : undefined
  // From here on nothing waits, so that no search sees half of the changes.
  for (const row of gone) held.remove(row)
  if (news) held.take(news)
  return held
}

async function read<T>(table: Table, reading: Reading<T>, rows?: number[]): Promise<T> {
  const held = reading.empty()
  const query = rows ? table.takeRowIds(rows) : table.query()
  const turns = new Turns()
  for await (const batch of query.select([...reading.columns]).withRowId()) {
    const all = numbers(batch)
    for (let at = 0; at < all.length; at += SLICE) {
      if (turns.over) await turns.next()
      reading.add(held, batch.slice(at, at + SLICE), all.subarray(at, at + SLICE))
    }
  }
  return held
}

const numbers = (batch: RecordBatch) =>
  Float64Array.from(batch.getChild('_rowid')!.toArray() as BigUint64Array, Number)
