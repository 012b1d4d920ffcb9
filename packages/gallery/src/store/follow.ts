import { Turns } from '@arcface/recognize'
import { Slots } from '@arcface/vision'
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
  /** Gives back what garbage collection does not. */
  release?(): void
}

/** How rows are read: the columns, and what takes a batch of them. */
export interface Reading<T> {
  readonly columns: readonly string[]
  empty(): T
  /** @param batch a slice of one, perhaps @param rows numbers of the batch's rows */
  add(to: T, batch: RecordBatch, rows: Float64Array): void
  /** Awaited now and then while rows are added, and once they all are. */
  settle?(to: T, isLast: boolean): Promise<void>
}

/**
 * Brings `held` to what a table (at one version) holds, and returns it; or something new, where that
 * is less work. Rows of Lance never change: one that was updated or moved has another number. So the
 * numbers, which are no column to be read, tell what is gone and what is to be read.
 * @param quiet resolves once nobody uses `held`
 */
export async function follow<T extends Holding<T>>(
  table: Table,
  held: T | undefined,
  reading: Reading<T>,
  quiet: () => Promise<void> = async () => {},
): Promise<T> {
  if (held === undefined) return read(table, reading)
  const all: Float64Array[] = []
  const fresh: number[] = []
  let kept = 0
  for await (const batch of table.query().select([]).withRowId()) {
    const rows = numbers(batch)
    all.push(rows)
    for (const row of rows)
      if (held.has(row)) kept++
      else fresh.push(row)
  }
  const gone = held.size - kept
  if (fresh.length + gone + held.waste > (fresh.length + kept) / 2) {
    await quiet()
    held.release?.()
    return read(table, reading)
  }
  const news = fresh.length > 0 ? await read(table, reading, fresh) : undefined
  await quiet()
  // From here on nothing waits, so that no search sees half of the changes.
  if (gone > 0) {
    const there = new Slots()
    for (const rows of all) for (const row of rows) there.set(row, 0)
    for (const row of [...held.rows()]) if (there.get(row) === undefined) held.remove(row)
  }
  if (news) held.take(news)
  return held
}

async function read<T extends Pick<Holding<T>, 'release'>>(
  table: Table,
  reading: Reading<T>,
  rows?: number[],
): Promise<T> {
  const held = reading.empty()
  try {
    await readInto(held, table, reading, rows)
    return held
  } catch (error) {
    held.release?.()
    throw error
  }
}

async function readInto<T>(
  held: T,
  table: Table,
  reading: Reading<T>,
  rows: number[] | undefined,
): Promise<void> {
  const query = rows ? table.takeRowIds(rows) : table.query()
  const turns = new Turns()
  for await (const batch of query.select([...reading.columns]).withRowId()) {
    const all = numbers(batch)
    for (let at = 0; at < all.length; at += SLICE) {
      if (turns.over) await turns.next()
      reading.add(held, batch.slice(at, at + SLICE), all.subarray(at, at + SLICE))
    }
    await reading.settle?.(held, false)
  }
  await reading.settle?.(held, true)
}

const numbers = (batch: RecordBatch) =>
  Float64Array.from(batch.getChild('_rowid')!.toArray() as BigUint64Array, Number)
