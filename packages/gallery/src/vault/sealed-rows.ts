// Rows of an encrypted gallery, as they lie in its tables and as they are read. Some columns are put together and sealed, with
// the key of the row's person, into one; of some a token is stored, by which rows are found. The others are as they are.

import { Turns } from '@arcface/recognize'
import {
  Binary,
  type Data,
  Field,
  FixedSizeList,
  Float32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import { GalleryError } from '../errors.js'
import { open, seal } from './cipher.js'
import { SEALED, SLOT, slotIn, type Vault } from './vault.js'

/** A value of a column. */
export type Value = string | number | null | Uint8Array | Float32Array | readonly string[]
export type Row = Readonly<Record<string, Value>>

/** How the columns of a table are kept. */
interface Layout {
  /** The column that says whose a row is. */
  readonly person: string
  /** Sealed together, as JSON: texts, lists of texts, null. */
  readonly sealed: readonly string[]
  /** Numbers that are sealed with them. */
  readonly vector?: string
  /** Bytes, sealed for themselves. */
  readonly bytes: readonly string[]
  /** Found by a token, which stands under the column's name; of a list one for each. */
  readonly found: readonly string[]
  /** Lists of texts: who has no value there has none. */
  readonly lists: readonly string[]
}

export const LAYOUTS = {
  people: {
    person: 'id',
    sealed: ['name', 'groups', 'metadata', 'consent'],
    bytes: [],
    found: ['name', 'groups'],
    lists: ['groups'],
  },
  faces: {
    person: 'person',
    // The groups are the person's.
    sealed: ['source', 'photo', 'print', 'origin'],
    vector: 'embedding',
    bytes: ['thumbnail'],
    found: ['groups', 'photo', 'print', 'origin'],
    lists: ['groups'],
  },
} as const satisfies Record<string, Layout>

export type SealedTable = keyof typeof LAYOUTS

/** Rows that are opened before others have their turn. */
const SLICE = 256

export class SealedRows {
  private readonly layout: Layout

  constructor(
    private readonly vault: Vault,
    private readonly table: SealedTable,
    private readonly dim: number,
  ) {
    this.layout = LAYOUTS[table]
  }

  /** What is stored of a value to be found by. */
  token(column: string, value: string): string {
    return this.layout.found.includes(column) ? this.vault.token(column, value) : value
  }

  /** Whether new values of these columns change what is sealed. */
  isSealing(columns: readonly string[]): boolean {
    const { bytes, person } = this.layout
    return columns.some((name) => this.#isSealed(name) || bytes.includes(name) || name === person)
  }

  /** Columns that rows have when they are read. @param stored those of the table */
  columns(stored: ReadonlySet<string>): Set<string> {
    const { sealed, vector } = this.layout
    const all = new Set([...stored, ...sealed, ...(vector ? [vector] : [])])
    all.delete(SEALED)
    return all
  }

  /** Columns that these are read from. */
  stored(columns: readonly string[]): string[] {
    const wanted = columns.map((name) => (this.#isSealed(name) ? SEALED : name))
    const isOpened = columns.some(
      (name) => this.#isSealed(name) || this.layout.bytes.includes(name),
    )
    return [...new Set([...wanted, ...(isOpened ? ['id', this.layout.person] : [])])]
  }

  /** Rows as they are stored; people who have no key get one. */
  seal(rows: readonly Row[]): Row[] {
    const { person, bytes, sealed, vector, found } = this.layout
    if (this.table === 'people')
      this.vault.addKeys(rows.map(({ id }) => String(id)).filter((id) => !this.vault.has(id)))
    return rows.map((row) => {
      const stored: Record<string, Value> = { ...row }
      const texts: Record<string, Value> = {}
      for (const name of sealed) {
        texts[name] = row[name] ?? null
        delete stored[name]
      }
      for (const name of found) stored[name] = this.#tokens(name, row[name] ?? null)
      const plain = [Buffer.from(JSON.stringify(texts))]
      if (vector !== undefined) {
        const { buffer, byteOffset, byteLength } = row[vector] as Float32Array
        plain.push(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength))
        delete stored[vector]
      }
      const id = String(row.id)
      const owner = String(row[person])
      const length = Buffer.alloc(4)
      length.writeUInt32LE(plain[0]!.length)
      stored[SEALED] = this.#seal(id, owner, SEALED, Buffer.concat([length, ...plain]))
      for (const name of bytes) {
        const value = (row[name] ?? null) as Uint8Array | null
        stored[name] = value && this.#seal(id, owner, name, value)
      }
      return stored
    })
  }

  /**
   * A batch as it is read, in parts; rows of a person who is being erased are left out.
   * @param columns all by default
   * @throws KeyGone; GalleryError GALLERY_DAMAGED
   */
  async *open(
    batch: RecordBatch,
    columns: readonly string[] | undefined,
  ): AsyncGenerator<RecordBatch> {
    const names = new Set(batch.schema.fields.map(({ name }) => name))
    // What the engine adds is passed on.
    const added = [...names].filter((name) => name.startsWith('_'))
    const wanted = new Set([...(columns ?? this.columns(names)), ...added])
    const isOpened = [...wanted].some(
      (name) => this.#isSealed(name) || this.layout.bytes.includes(name),
    )
    if (!isOpened) {
      yield batch
      return
    }
    const turns = new Turns()
    for (let at = 0; at < batch.numRows; at += SLICE) {
      if (turns.over) await turns.next()
      yield* this.#opened(batch.slice(at, at + SLICE), wanted)
    }
  }

  async *#opened(batch: RecordBatch, wanted: ReadonlySet<string>): AsyncGenerator<RecordBatch> {
    const { person, vector, bytes: blobs } = this.layout
    const { dim } = this
    const [ids, owners, sealed] = ['id', person, SEALED].map((name) => batch.getChild(name))
    const bytes = blobs.filter((name) => wanted.has(name))
    const opened = bytes.map((name) => ({
      name,
      from: batch.getChild(name)!,
      values: [] as Plain[],
    }))
    const texts: Row[] = []
    const numbers = new Float32Array(vector && wanted.has(vector) ? batch.numRows * dim : 0)
    const kept: number[] = []
    for (let i = 0; i < batch.numRows; i++) {
      const [id, owner]: string[] = [ids!.get(i), owners!.get(i)]
      const row = sealed && (await this.#plain(id!, owner!, SEALED, sealed.get(i)))
      if (row === undefined) continue
      const values: Plain[] = []
      for (const { name, from } of opened)
        values.push((await this.#plain(id!, owner!, name, from.get(i))) ?? null)
      // Erased, as is known now.
      if (opened.some(({ from }, k) => from.get(i) !== null && values[k] === null)) continue
      for (const [k, { values: all }] of opened.entries()) all.push(values[k]!)
      if (row) {
        const end = 4 + row.readUInt32LE()
        texts.push(JSON.parse(row.toString('utf8', 4, end)))
        if (numbers.length > 0) copyInto(numbers, kept.length * dim, row.subarray(end))
      }
      kept.push(i)
    }
    const columns = new Map<string, Data>(opened.map(({ name, values }) => [name, binary(values)]))
    if (numbers.length > 0) columns.set(vector!, vectors(numbers, dim, kept.length))
    for (const name of wanted)
      if (this.layout.sealed.includes(name)) columns.set(name, this.#texts(name, texts))
      else if (this.layout.lists.includes(name)) columns.set(name, listsOf(kept.map(() => [])))
    const names = [...wanted]
    if (kept.length === batch.numRows) yield batchOf(batch, names, columns)
    else
      for (const [k, i] of kept.entries())
        yield batchOf(batch.slice(i, i + 1), names, sliced(columns, k))
  }

  #texts(name: string, rows: readonly Row[]): Data {
    const isList = this.layout.lists.includes(name)
    return isList
      ? listsOf(rows.map((row) => (row[name] ?? []) as readonly string[]))
      : vectorFromArray(
          rows.map((row) => (row[name] ?? null) as string | null),
          new Utf8(),
        ).data[0]!
  }

  #isSealed(name: string): boolean {
    return this.layout.sealed.includes(name) || this.layout.vector === name
  }

  #tokens(column: string, value: Value): Value {
    if (value === null) return null
    if (typeof value === 'string') return this.vault.token(column, value)
    return Array.from(value as readonly string[], (one) => this.vault.token(column, one))
  }

  #about(id: string, person: string, column: string): string {
    return `${this.vault.gallery} ${this.table} ${column} ${id} ${person}`
  }

  #seal(id: string, person: string, column: string, plain: Uint8Array): Buffer {
    const { slot, key } = this.vault.keyOf(person)
    const sealed = seal(key, this.#about(id, person, column), plain, SLOT)
    sealed.writeUInt32LE(slot)
    return sealed
  }

  /** @returns null for null, undefined where the person is being erased */
  async #plain(
    id: string,
    person: string,
    column: string,
    sealed: Uint8Array | null,
  ): Promise<Plain | undefined> {
    if (sealed === null) return null
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
    const slot = slotIn(bytes)
    if (!this.vault.isKnown(slot)) await this.vault.refresh()
    const key = this.vault.keyIn(slot, person)
    if (key === undefined) return undefined
    const plain = open(key, this.#about(id, person, column), bytes.subarray(SLOT))
    if (plain) return plain
    throw new GalleryError('GALLERY_DAMAGED', `${this.table}: a row does not open with its key`)
  }
}

type Plain = Buffer | null

function copyInto(numbers: Float32Array, at: number, bytes: Buffer): void {
  bytes.copy(Buffer.from(numbers.buffer, numbers.byteOffset + at * 4, bytes.length))
}

const binary = (values: readonly Plain[]): Data => vectorFromArray(values, new Binary()).data[0]!

const listsOf = (values: readonly (readonly string[])[]): Data =>
  vectorFromArray(values, new List(new Field('item', new Utf8(), true))).data[0]!

function vectors(numbers: Float32Array, dim: number, length: number): Data {
  const type = new FixedSizeList(dim, new Field('item', new Float32(), true))
  const data = numbers.subarray(0, length * dim)
  const child = makeData({ type: new Float32(), data, length: data.length, nullCount: 0 })
  return makeData({ type, length, nullCount: 0, child })
}

const sliced = (columns: ReadonlyMap<string, Data>, at: number) =>
  new Map([...columns].map(([name, data]) => [name, data.slice(at, 1)]))

/** @param columns those that are not the batch's own */
function batchOf(
  batch: RecordBatch,
  names: readonly string[],
  columns: ReadonlyMap<string, Data>,
): RecordBatch {
  const children = names.map((name) => columns.get(name) ?? batch.getChild(name)!.data[0]!)
  const fields = names.map((name, i) => new Field(name, children[i]!.type, true))
  const data = makeData({
    type: new Struct(fields),
    length: batch.numRows,
    nullCount: 0,
    children,
  })
  return new RecordBatch(new Schema(fields), data)
}
