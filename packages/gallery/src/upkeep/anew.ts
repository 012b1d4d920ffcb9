import { closeSync, fsyncSync, openSync } from 'node:fs'
import { makeFolder } from '@arcface/files'
import type { RecordBatch } from 'apache-arrow'
import { filesBelow } from '../store/disk.js'
import { plainRow, type Table } from '../store/lance.js'
import { declareMade, makingIn, putInPlace, settleMade } from '../store/made.js'
import { printOf } from '../store/rows.js'
import { connect, createTables, type GivenKey, openTables, type Tables } from '../store/tables.js'
import { masterKeyOf } from '../vault/master.js'
import { Vault } from '../vault/vault.js'

export interface Anew {
  /** Left out, it is plain. */
  readonly key: GivenKey | undefined
  /** What is kept of the rotation that its embeddings are turned by then. */
  readonly rotation: string | undefined
  /** What becomes of an embedding; left out, it stays. */
  readonly turn?: (embedding: Float32Array) => Float32Array
  readonly onProgress?: ((done: number, total: number) => void) | undefined
}

/**
 * Makes a gallery of a folder anew, with all its rows, and puts it in the place of the old one when it is whole and on the
 * disk: cut short, the old one stays, or the next who opens it ends what is left to do.
 */
export async function makeAnew(
  tables: Tables,
  anew: Anew,
): Promise<{ readonly people: number; readonly faces: number }> {
  const counts = await writeAll(tables, anew).catch((error) => {
    // It would keep a full disk full.
    settleMade(tables.where)
    throw error
  })
  declareMade(tables.where)
  putInPlace(tables.where)
  return counts
}

/** Writes all rows into a gallery beside it, which is on the disk then. */
async function writeAll(
  { where, called, model, people, faces }: Tables,
  { key, rotation, turn, onProgress }: Anew,
) {
  const making = makingIn(where)
  makeFolder(making, 0o700)
  const vault = key && (await Vault.make(making, await masterKeyOf(key), called))
  const db = await connect(making)
  await createTables(db, model, vault, rotation)
  const made = (await openTables(db, { where: making, called }, model, key))!
  try {
    const total = await faces.countRows()
    const known = new Set<string>()
    for await (const batch of people.query()) {
      const rows = rowsOf(batch)
      for (const { id } of rows) known.add(String(id))
      await made.people.add(rows)
    }
    let done = 0
    for await (const batch of faces.query()) {
      // Whose person is gone is about to go.
      const rows = rowsOf(batch).filter(({ person }) => known.has(String(person)))
      const turned = turn
        ? rows.map((row) => {
            const embedding = turn(Float32Array.from(row.embedding as Float32Array))
            return { ...row, embedding, print: printOf(embedding) }
          })
        : rows
      if (turned.length > 0) await made.faces.add(turned)
      done += batch.numRows
      onProgress?.(done, total)
    }
    for (const table of [made.people, made.faces]) await settleFiles(table)
    for (const file of await filesBelow(making)) flush(file.path)
    return { people: await made.people.countRows(), faces: await made.faces.countRows() }
  } finally {
    made.close()
  }
}

const rowsOf = (batch: RecordBatch) =>
  [...(batch as Iterable<Iterable<[string, unknown]>>)].map(plainRow)

const settleFiles = (table: Table) => table.optimize({ cleanupOlderThan: new Date() })

function flush(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
