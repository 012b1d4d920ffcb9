import { randomUUID } from 'node:crypto'
import type { Connection, Table } from '../store/lance.js'
import { TABLES } from '../store/place.js'
import { PRIMARY_KEY } from '../store/primary-key.js'
import { isIn, quote } from '../store/sql.js'
import { connect } from '../store/tables.js'
import { exists, GALLERY_NAME } from './name.js'
import type { Place, Places } from './places.js'

/** Of the table; a gallery's folder has another name. */
const TABLE = 'galleries'
/** Rows under such names are of galleries that are not to be there, with what may be left of them. */
const GONE = '.gone-'
/** For so long another process may go on writing to one. */
const HOUR_MS = 3_600_000
/** For so long a list in memory tells where a gallery lies; one that is not on it is looked for. */
const FRESH_MS = 1000

interface Row {
  readonly name: string
  readonly folder: string
  readonly since: number
}

/**
 * Below an address of object storage: a table lists them, whose commits decide between several who make or delete one at the
 * same moment. Each lies in a folder that was never another's, so that what a late writer leaves of a deleted one is not found.
 */
export class ListedPlaces implements Places {
  #list: { readonly places: ReadonlyMap<string, Place>; readonly at: number } | undefined

  private constructor(
    private readonly root: string,
    private readonly storage: Readonly<Record<string, string>> | undefined,
    private readonly db: Connection,
    private readonly table: Table,
  ) {}

  static async open(
    root: string,
    storage: Readonly<Record<string, string>> | undefined,
  ): Promise<ListedPlaces> {
    const db = await connect(root, storage)
    const { Field, Float64, Schema, Utf8 } = await import('apache-arrow')
    const schema = new Schema([
      new Field('name', new Utf8(), false, new Map([[PRIMARY_KEY, 'true']])),
      new Field('folder', new Utf8(), false),
      new Field('since', new Float64(), false),
    ])
    const places = new ListedPlaces(root, storage, db, await db.createEmptyTable(TABLE, schema))
    await places.#sweep()
    return places
  }

  async list(): Promise<string[]> {
    return [...(await this.#read()).keys()].sort()
  }

  async find(name: string): Promise<Place | undefined> {
    const known = this.#list
    const place = known && Date.now() - known.at < FRESH_MS ? known.places.get(name) : undefined
    return place ?? (await this.#read()).get(name)
  }

  async make(name: string, make: (path: string) => Promise<void>): Promise<void> {
    const folder = `${name}.${randomUUID()}`
    await this.#setAside(folder)
    await make(this.#pathOf(folder))
    const row = { name, folder, since: Date.now() }
    const isMade = (await this.table.addNew('name', [row])) > 0
    if (!isMade) await this.#drop(folder)
    await this.table.delete(`name = ${quote(GONE + folder)}`)
    if (!isMade) throw exists(name)
    await this.#read()
  }

  async remove(name: string): Promise<void> {
    const where = `name = ${quote(name)}`
    const [row] = (await this.table.query().where(where).toArray()) as Row[]
    if (!row) return
    await this.#setAside(row.folder)
    await this.table.delete(`${where} AND folder = ${quote(row.folder)}`)
    await this.#read()
    await this.#drop(row.folder)
    await this.#sweep()
  }

  close(): void {
    this.table.close()
    this.db.close()
  }

  async #read(): Promise<ReadonlyMap<string, Place>> {
    const at = Date.now()
    const rows = (await this.table.query().toArray()) as Row[]
    const places = new Map(
      rows
        .filter(({ name }) => GALLERY_NAME.test(name))
        .map(({ name, folder }) => [name, { path: this.#pathOf(folder), mark: folder }]),
    )
    this.#list = { places, at }
    return places
  }

  #pathOf(folder: string): string {
    return `${this.root.replace(/\/+$/, '')}/${folder}`
  }

  /** Writes down that a folder is to be removed, unless it is listed under a name. */
  async #setAside(folder: string): Promise<void> {
    await this.table.addNew('name', [{ name: GONE + folder, folder, since: Date.now() }])
  }

  /** Removes what was left where somebody was killed, or wrote to a gallery that another has deleted. */
  async #sweep(): Promise<void> {
    const rows = (await this.table.query().toArray()) as Row[]
    const old = rows.filter(
      ({ name, since }) => name.startsWith(GONE) && Date.now() - since > HOUR_MS,
    )
    const listed = new Set(rows.filter((row) => !old.includes(row)).map(({ folder }) => folder))
    for (const { folder } of old) if (!listed.has(folder)) await this.#drop(folder)
    if (old.length === 0) return
    await this.table.delete(
      isIn(
        'name',
        old.map(({ name }) => name),
      ),
    )
    await this.table.optimize({ cleanupOlderThan: new Date(Date.now() - HOUR_MS) })
  }

  async #drop(folder: string): Promise<void> {
    const db = await connect(this.#pathOf(folder), this.storage)
    try {
      for (const name of TABLES) await db.dropTable(name)
    } finally {
      db.close()
    }
  }
}
