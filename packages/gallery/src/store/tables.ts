import { messageOf } from '@arcface/files'
import type { GalleryModel } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { checkModel, parseModel } from '../rules.js'
import { type KeySource, type MasterKey, masterKeyOf } from '../vault/master.js'
import { SEALED, Vault } from '../vault/vault.js'
import type { Connection, Table } from './lance.js'
import { PRIMARY_KEY } from './primary-key.js'

/** Of what lies in a gallery; raised where an older program would misread it. */
const FORMAT = 1
/** Of a gallery that is encrypted, or whose embeddings are turned. */
const SEALED_FORMAT = 2

const CONTENT = ['photo', 'print', 'origin'] as const

export interface Tables {
  /** Of the gallery: a folder, or an address. */
  readonly where: string
  /** What errors call it. */
  readonly called: string
  readonly model: GalleryModel
  /** Whether other processes may write at the same time: what was looked up may be so no more. */
  readonly shared: boolean
  readonly people: Table
  readonly faces: Table
  /** Keys of an encrypted gallery; `undefined` where rows lie as they are read. */
  readonly vault: Vault | undefined
  /** What is kept of the rotation that turns the embeddings of its rows; `undefined` where they are as they came. */
  readonly rotation: string | undefined
  /** A table as it was at a version, to be closed. */
  open(name: 'people' | 'faces', version: number): Promise<Table>
  /** Reads a table as it was at a version. */
  at<T>(name: 'people' | 'faces', version: number, work: (table: Table) => Promise<T>): Promise<T>
  close(): void
}

/** Loaded with the first gallery: who only embeds does without its 150 MB. */
export async function connect(
  uri: string,
  storage?: Readonly<Record<string, string>>,
): Promise<Connection> {
  // Its warnings are about its own workings, and what it says of an index need not hold its centroids.
  process.env.LANCEDB_LOG ??= 'error'
  process.env.LANCE_INCLUDE_VECTOR_CENTROIDS ??= 'false'
  const { connect: open } = await import('./lance.js')
  return open(uri, storage)
}

/** Of an encrypted gallery. */
export type GivenKey = MasterKey | KeySource

/** The tables of a gallery that is there, `undefined` where none is. */
export async function openTables(
  db: Connection,
  { where, called }: Pick<Tables, 'where' | 'called'>,
  model: GalleryModel | undefined,
  key: GivenKey | undefined,
): Promise<Tables | undefined> {
  const about = (await openMade(db, 'gallery')) ?? (await openMadeMeanwhile(db))
  if (about === undefined) return undefined
  const [row] = (await about.query().limit(1).toArray()) as About[]
  about.close()
  if (row === undefined)
    throw new GalleryError('GALLERY_FORMAT', `${called}: its table 'gallery' is empty`)
  if (row.format > SEALED_FORMAT)
    throw new GalleryError(
      'GALLERY_FORMAT',
      `${called} has format ${row.format}; this version reads up to ${SEALED_FORMAT}. Install a newer one.`,
    )
  const stored = parseModel(JSON.parse(row.model), called)
  if (model) checkModel(stored, model, called)
  // Who makes one on object storage may be about to make these, or was killed before.
  if (db.shared && !(await openMade(db, 'people'))) await createRows(db, stored.dim)
  const vault = await openVault(row, where, called, key)
  const open = await openerOf(db, vault, stored.dim)
  const openAt = async (name: 'people' | 'faces', version: number) => {
    const table = await open(name)
    try {
      await table.checkout(version)
      return table
    } catch (error) {
      table.close()
      throw error
    }
  }
  const [people, faces] = await Promise.all([open('people'), open('faces')])
  return {
    where,
    called,
    model: stored,
    shared: db.shared,
    people,
    faces,
    vault,
    rotation: row.rotation,
    open: openAt,
    at: async (name, version, work) => {
      const table = await openAt(name, version)
      try {
        return await work(table)
      } finally {
        table.close()
      }
    },
    close: () => {
      people.close()
      faces.close()
      db.close()
    },
  }
}

/** A gallery's own row. */
export interface About {
  readonly format: number
  readonly model: string
  /** Of an encrypted gallery: what its keys are named by. */
  readonly vault?: string
  /** Of one whose embeddings are turned: see `makeRotation`. */
  readonly rotation?: string
}

/** @throws GalleryError GALLERY_KEY, and as `Vault.open` */
export async function openVault(
  { vault }: About,
  where: string,
  called: string,
  key: GivenKey | undefined,
): Promise<Vault | undefined> {
  if (vault === undefined) return undefined
  if (key === undefined)
    throw new GalleryError('GALLERY_KEY', `${called} is encrypted, and no key was given`)
  return Vault.open(where, called, vault, await masterKeyOf(key))
}

/** Opens tables of rows, encrypted or not. */
export async function openerOf(
  db: Connection,
  vault: Vault | undefined,
  dim: number,
): Promise<(name: 'gallery' | 'people' | 'faces') => Promise<Table>> {
  if (vault === undefined) return (name) => db.openTable(name)
  const { SealedRows } = await import('../vault/sealed-rows.js')
  return (name) =>
    db.openTable(name, name === 'gallery' ? undefined : new SealedRows(vault, name, dim))
}

/**
 * A table that has a version. LanceDB names one already when it makes the folder, which another process may be about to
 * fill, or was killed before it did.
 */
async function openMade(db: Connection, name: string): Promise<Table | undefined> {
  try {
    return await db.openTable(name)
  } catch (error) {
    if (/^Table '\w+' was not found/.test(messageOf(error))) return undefined
    throw error
  }
}

/** @throws GalleryError GALLERY_DAMAGED where there are faces and nothing that names their model */
async function openMadeMeanwhile(db: Connection): Promise<Table | undefined> {
  const faces = await openMade(db, 'faces')
  const lost = (await faces?.countRows()) ?? 0
  faces?.close()
  // Who makes a gallery makes this table before there are faces.
  const about = await openMade(db, 'gallery')
  if (about || lost === 0) return about
  throw new GalleryError(
    'GALLERY_DAMAGED',
    `${lost} faces are there, but the table that names their model is gone; take it (gallery.lance) from a backup`,
  )
}

/**
 * Makes what is missing. The table that says which model it is comes last; where several may make one at once it comes
 * first, and is that of one of them: `openTables` makes the others to it.
 * @param vault what the keys are named by that its rows are to be sealed with
 * @param rotation what is kept of the rotation of its embeddings
 */
export async function createTables(
  db: Connection,
  model: GalleryModel,
  vault: string | undefined,
  rotation: string | undefined,
): Promise<void> {
  if (!db.shared) await createRows(db, model.dim, vault !== undefined)
  const { Field, Schema, Utf8, Int32 } = await import('apache-arrow')
  const about = new Schema([
    new Field('format', new Int32(), false),
    new Field('model', new Utf8(), false),
    ...(vault === undefined ? [] : [new Field('vault', new Utf8(), false)]),
    ...(rotation === undefined ? [] : [new Field('rotation', new Utf8(), false)]),
  ])
  const { sha256, olderSha256, name, dim, preprocessing = null } = model
  const text = JSON.stringify({ sha256, olderSha256, name, dim, preprocessing })
  const row = {
    format: vault === undefined && rotation === undefined ? FORMAT : SEALED_FORMAT,
    ...(vault !== undefined && { vault }),
    ...(rotation !== undefined && { rotation }),
  }
  await db.createTable('gallery', [{ ...row, model: text }], about).catch((error) => {
    if (!db.shared || !/already exists/i.test(messageOf(error))) throw error
  })
}

/** The tables of people and faces; those that are there stay as they are. The people come last. */
async function createRows(db: Connection, dim: number, isSealed = false): Promise<void> {
  const arrow = await import('apache-arrow')
  const { Field, Schema, Utf8, Float64, Binary, List, FixedSizeList, Float32 } = arrow
  const string = (name: string, nullable = false) => new Field(name, new Utf8(), nullable)
  const groups = new Field('groups', new List(new Field('item', new Utf8(), true)), false)
  const added = new Field('added', new Float64(), false)
  const vector = new FixedSizeList(dim, new Field('item', new Float32(), true))
  const sealed = new Field(SEALED, new Binary(), false)
  const face = isSealed ? [sealed] : [new Field('embedding', vector, false), string('source', true)]
  await db.createEmptyTable(
    'faces',
    new Schema([
      string('id'),
      string('person'),
      groups,
      ...face,
      new Field('thumbnail', new Binary(), true),
      added,
      ...CONTENT.map((name) => string(name, true)),
    ]),
  )
  const key = db.shared ? new Map([[PRIMARY_KEY, 'true']]) : null
  await db.createEmptyTable(
    'people',
    new Schema([
      string('id'),
      new Field('name', new Utf8(), false, key),
      groups,
      isSealed ? sealed : string('metadata'),
      added,
      ...(isSealed ? [] : [string('consent', true)]),
      new Field('retain_until', new Float64(), true),
    ]),
  )
}

/** Gives the faces of a gallery that was made before the columns that tell what is there already. */
export const widen = (faces: Table): Promise<void> =>
  addMissing(faces, Object.fromEntries(CONTENT.map((name) => [name, 'string'])))

/** Gives the people of a gallery that was made before the columns that tell how long they are kept, and why. */
export const widenPeople = (people: Table): Promise<void> =>
  addMissing(people, { consent: 'string', retain_until: 'double' })

/** @param types of columns that may be null, by their names: SQL */
async function addMissing(table: Table, types: Readonly<Record<string, string>>): Promise<void> {
  const there = await table.columns()
  const missing = Object.entries(types).filter(([name]) => !there.has(name))
  if (missing.length > 0)
    await table.addColumns(
      missing.map(([name, type]) => ({ name, valueSql: `CAST(NULL AS ${type})` })),
    )
}
