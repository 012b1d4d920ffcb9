import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@arcface/files'
import { GalleryError } from '../errors.js'
import { parseModel } from '../rules.js'
import type { Connection, Table } from '../store/lance.js'
import { holdsTables, isRemote, placeOf, TABLES } from '../store/place.js'
import type { StoreOptions } from '../store/store.js'
import { type About, connect, type GivenKey, openerOf, openVault } from '../store/tables.js'
import { guard } from '../store/trouble.js'
import { hasKeys } from '../vault/key-file.js'

/** Rows that are asked for at once; of those that fail, parts. */
const BLOCK = 4096

/** First row and the one after the last. */
export type Range = readonly [number, number]

export interface TableCheck {
  /** Rows that there should be; null where the table cannot be opened. */
  readonly rows: number | null
  /** Rows that can be read, */
  readonly readable: number
  /** and which. */
  readonly ranges: readonly Range[]
  /** What is wrong, with what to do. */
  readonly trouble: string | null
}

export interface GalleryCheck {
  /** Whether all can be read. */
  readonly ok: boolean
  /** Whether rows are sealed, and were not opened: the key was not given. */
  readonly unopened: boolean
  /** The table that says which model the embeddings are of. */
  readonly gallery: TableCheck
  readonly people: TableCheck
  readonly faces: TableCheck
}

/**
 * Reads all of a gallery and says what can be read; changes nothing. What can be is saved by `exportReadable`.
 * @param options.key of an encrypted gallery: its rows are opened too
 * @throws GalleryError GALLERY_ACCESS, GALLERY_KEY (another one), GALLERY_MISSING, GALLERY_USE
 */
export async function checkGallery(
  path: string | URL,
  { key }: Pick<StoreOptions, 'key'> = {},
): Promise<GalleryCheck> {
  const where = placeOf(path)
  const missing = () => new GalleryError('GALLERY_MISSING', `${where}: no gallery lies there`)
  const db = await guard(where, () => {
    if (!holdsTables(where)) throw missing()
    return connect(where)
  })
  try {
    const names = await guard(where, () => db.tableNames())
    if (!TABLES.some((name) => names.includes(name))) throw missing()
    const about = await checkTable(db, where, 'gallery')
    const { trouble, unopened, open } = await sealedIn(db, where, about, key)
    const [gallery, people, faces] = [
      { ...about, trouble: about.trouble ?? trouble },
      await checkTable(db, where, 'people', open),
      await checkTable(db, where, 'faces', open),
    ]
    const ok = [gallery, people, faces].every((one) => one.trouble === null)
    return { ok, unopened, gallery, people, faces }
  } finally {
    db.close()
  }
}

interface Sealed {
  readonly trouble: string | null
  readonly unopened: boolean
  /** A table as it is read. */
  readonly open?: (name: 'people' | 'faces') => Promise<Table>
}

/** Of an encrypted gallery nothing is readable without the file of its keys. */
async function sealedIn(
  db: Connection,
  where: string,
  { readable }: TableCheck,
  key: GivenKey | undefined,
): Promise<Sealed> {
  if (readable === 0 || isRemote(where)) return { trouble: null, unopened: false }
  const table = await db.openTable('gallery')
  const [about] = await readRows<About>(table, [0, 1])
  table.close()
  if (about?.vault === undefined) return { trouble: null, unopened: false }
  if (!hasKeys(where))
    return {
      trouble: "the file 'keys' is gone, without which nothing can be read; take it from a backup",
      unopened: true,
    }
  if (key === undefined) return { trouble: null, unopened: true }
  try {
    const vault = await openVault(about, where, where, key)
    const { dim } = parseModel(JSON.parse(about.model), where)
    return { trouble: null, unopened: false, open: await openerOf(db, vault, dim) }
  } catch (error) {
    if (!(error instanceof GalleryError && error.code === 'GALLERY_DAMAGED')) throw error
    return { trouble: error.message, unopened: true }
  }
}

async function checkTable(
  db: Connection,
  where: string,
  name: 'gallery' | 'people' | 'faces',
  open?: Sealed['open'],
): Promise<TableCheck> {
  let table: Table
  let rows: number
  try {
    table = await db.openTable(name)
    rows = await table.countRows()
  } catch (error) {
    if (/permission denied|EACCES/i.test(messageOf(error)))
      await guard(where, () => Promise.reject(error))
    return { rows: null, readable: 0, ranges: [], trouble: unopened(where, name) }
  }
  const opened = name === 'gallery' ? undefined : await open?.(name)
  try {
    const ranges: Range[] = []
    for (let first = 0; first < rows; first += BLOCK)
      for await (const range of readableIn([table, opened], [first, Math.min(rows, first + BLOCK)]))
        ranges.push(range)
    const readable = ranges.reduce((sum, [from, to]) => sum + to - from, 0)
    const last = isRemote(where) ? 0 : lastVersion(where, name)
    const version = await table.version()
    const trouble =
      name === 'gallery' && rows === 0
        ? 'the table gallery is empty'
        : version < last
          ? `version ${last} of ${name} was written, but version ${version} is the newest that is there: what was written last is lost, unless a backup has it`
          : readable === rows
            ? null
            : `${rows - readable} of ${rows} rows of ${name} cannot be read`
    return { rows, readable, ranges, trouble }
  } finally {
    opened?.close()
    table.close()
  }
}

/** @param tables as it is stored and, where that is sealed, as it is read: without whom is being erased */
async function* readableIn(
  tables: readonly [Table, Table | undefined],
  [from, to]: Range,
): AsyncGenerator<Range> {
  const [table, opened] = tables
  const reads = (first: number, end: number) =>
    Promise.all([readRows(table, [first, end]), opened && readRows(opened, [first, end])]).then(
      ([rows]) => rows.length === end - first,
      () => false,
    )
  if (await reads(from, to)) {
    yield [from, to]
    return
  }
  if (to - from === 1) return
  // Rows lie in files one after the other: where none of these three can be read, those between lie in such a file too.
  const probes = [from, Math.floor((from + to) / 2), to - 1]
  const found = await Promise.all(probes.map((row) => reads(row, row + 1)))
  if (!found.includes(true)) return
  const step = Math.ceil((to - from) / 8)
  for (let first = from; first < to; first += step)
    yield* readableIn(tables, [first, Math.min(to, first + step)])
}

/** @param columns by default all @throws what LanceDB throws */
export async function readRows<T>(
  table: Table,
  [from, to]: Range,
  columns?: readonly string[],
): Promise<T[]> {
  const query = table.takeOffsets(Array.from({ length: to - from }, (_, i) => from + i))
  return (await (columns ? query.select(columns) : query).toArray()) as T[]
}

/** The version that was written last, as LanceDB notes it to find it soon; 0 where it does not. */
function lastVersion(where: string, name: string): number {
  try {
    const text = readFileSync(
      join(where, `${name}.lance`, '_versions/latest_version_hint.json'),
      'utf8',
    )
    const { version } = JSON.parse(text) as { version?: unknown }
    return typeof version === 'number' ? version : 0
  } catch {
    return 0
  }
}

/** Of a table whose newest version cannot be opened: an older one may be there. */
function unopened(where: string, name: string): string {
  const versions = join(where, `${name}.lance`, '_versions')
  let manifests: string[] = []
  try {
    manifests = readdirSync(versions)
      .filter((file) => file.endsWith('.manifest'))
      .sort()
  } catch {
    // The folder is gone.
  }
  const [newest, ...older] = manifests
  const help =
    newest !== undefined && older.length > 0
      ? `${join(versions, newest)} may be damaged: renamed to ${newest}.damaged, the version before it is read, without what was written last`
      : `take ${name}.lance from a backup`
  return `the table ${name} cannot be opened; ${help}`
}
