// Tables of LanceDB: rows go in and come out as files of Arrow's IPC.

import {
  Table as ArrowTable,
  type RecordBatch,
  Schema,
  tableFromIPC,
  tableToIPC,
  Vector,
  vectorFromArray,
} from 'apache-arrow'
import type { Row, SealedRows } from '../vault/sealed-rows.js'
import { untilDone } from './contention.js'
import {
  type EngineConnection,
  type EngineQuery,
  type EngineTable,
  type EngineVectorQuery,
  loadEngine,
  type Stats,
} from './engine.js'
import { isRemote } from './place.js'
import { PRIMARY_KEY } from './primary-key.js'
import { valueSql } from './sql.js'

/** Rows, and the new values of their columns: SQL. */
interface Update {
  readonly where: string
  readonly valuesSql: Readonly<Record<string, string>>
}

/** Every read looks for what other processes have written. */
export async function connect(
  uri: string,
  storage: Readonly<Record<string, string>> = {},
): Promise<Connection> {
  const { Connection: Inner } = loadEngine()
  const options = { readConsistencyInterval: 0, storageOptions: { ...storage } }
  return new Connection(await Inner.new(uri, options), isRemote(uri))
}

export class Connection {
  constructor(
    private readonly inner: EngineConnection,
    /** Whether several processes may write at once: there is no lock on object storage. */
    readonly shared: boolean,
  ) {}

  close(): void {
    this.inner.close()
  }

  tableNames(): Promise<string[]> {
    return this.inner.tableNames([])
  }

  /** @param sealed how its rows are kept, where they are not as they are read */
  async openTable(name: string, sealed?: SealedRows): Promise<Table> {
    return new Table(await this.inner.openTable(name, []), this.shared, sealed)
  }

  async createTable(name: string, rows: readonly Row[], schema: Schema): Promise<Table> {
    const file = fileOf(rows, schema)
    return this.#made(() => this.inner.createTable(name, file, 'create', []))
  }

  /** One that is there already stays as it is. */
  async createEmptyTable(name: string, schema: Schema): Promise<Table> {
    const file = fileOf([], schema)
    return this.#made(() => this.inner.createEmptyTable(name, file, 'exist_ok', []))
  }

  async #made(make: () => Promise<EngineTable>): Promise<Table> {
    return new Table(await (this.shared ? untilDone(make) : make()), this.shared)
  }

  /** With all its files; one that is not there is none. */
  dropTable(name: string): Promise<void> {
    return this.inner.dropTable(name, [])
  }
}

export class Table {
  constructor(
    private readonly inner: EngineTable,
    private readonly shared: boolean,
    private readonly sealed?: SealedRows,
  ) {}

  get name(): string {
    return this.inner.name
  }

  close(): void {
    this.inner.close()
  }

  /** As it is stored. */
  async schema(): Promise<Schema> {
    return tableFromIPC(await this.inner.schema()).schema
  }

  /** Names of the columns: a gallery of before lacks some. */
  async columns(): Promise<Set<string>> {
    const { fields } = await this.schema()
    const stored = new Set(fields.map(({ name }) => name))
    return this.sealed?.columns(stored) ?? stored
  }

  /** What values are found by, in a condition: themselves, where they are stored as they are. */
  asFound(column: string, values: readonly string[]): readonly string[] {
    const { sealed } = this
    return sealed ? values.map((value) => sealed.token(column, value)) : values
  }

  version(): Promise<number> {
    return this.inner.version()
  }

  /** When the newest that is kept was written, by the writer's clock, in milliseconds since 1970. */
  async lastWritten(): Promise<number> {
    const versions = await this.inner.listVersions()
    return Math.max(0, ...versions.map(({ timestamp }) => timestamp / 1000))
  }

  checkout(version: number): Promise<void> {
    return this.inner.checkout(version)
  }

  checkoutLatest(): Promise<void> {
    return this.inner.checkoutLatest()
  }

  countRows(where?: string): Promise<number> {
    return this.inner.countRows(where)
  }

  stats(): Promise<Stats> {
    return this.inner.stats()
  }

  /** @returns the version that has them first */
  async add(rows: readonly Row[]): Promise<number> {
    const file = fileOf(this.#stored(rows), await this.schema())
    return (await this.#commit(() => this.inner.add(file, 'append'))).version
  }

  /**
   * Adds those rows whose key is new, also to what other processes add at the same moment, if all do so by this: of the
   * same keys Lance lets one commit through and has the others look again.
   * @returns how many
   */
  async addNew(key: string, rows: readonly Row[]): Promise<number> {
    const schema = await this.schema()
    if (!schema.fields.some(({ name, metadata }) => name === key && metadata.has(PRIMARY_KEY)))
      await this.#commit(() => this.inner.setUnenforcedPrimaryKey([key]))
    const file = fileOf(rows, schema)
    const merge = () => this.inner.mergeInsert([key]).whenNotMatchedInsertAll().execute(file)
    return (await this.#commit(merge)).numInsertedRows
  }

  /** @returns how many rows there were */
  async update({ where, valuesSql }: Update): Promise<number> {
    const update = () => this.inner.update(where, Object.entries(valuesSql))
    return (await this.#commit(update)).rowsUpdated
  }

  /** Gives rows new values. @returns how many rows there were */
  async set(where: string, values: Row): Promise<number> {
    if (!this.sealed?.isSealing(Object.keys(values))) {
      const valuesSql = Object.entries(values).map(([name, value]) => {
        const found = Array.isArray(value) ? this.asFound(name, value) : value
        return [name, valueSql(found)] as const
      })
      return this.update({ where, valuesSql: Object.fromEntries(valuesSql) })
    }
    const rows = (await this.query().where(where).toArray()) as Iterable<[string, unknown]>[]
    if (rows.length > 0) await this.replace(rows.map((row) => ({ ...plainRow(row), ...values })))
    return rows.length
  }

  /** Puts rows in the place of those of the same ids, in one commit. */
  async replace(rows: readonly Row[]): Promise<void> {
    const file = fileOf(this.#stored(rows), await this.schema())
    await this.#commit(() => this.inner.mergeInsert(['id']).whenMatchedUpdateAll().execute(file))
  }

  #stored(rows: readonly Row[]): readonly Row[] {
    return this.sealed?.seal(rows) ?? rows
  }

  async delete(where: string): Promise<void> {
    await this.#commit(() => this.inner.delete(where))
  }

  async addColumns(columns: { name: string; valueSql: string }[]): Promise<void> {
    await this.inner.addColumns(columns)
  }

  async dropColumns(columns: string[]): Promise<void> {
    await this.inner.dropColumns(columns)
  }

  /** Puts small files together, and removes what only versions from before `cleanupOlderThan` name. */
  async optimize({ cleanupOlderThan }: { cleanupOlderThan: Date }): Promise<void> {
    await this.#commit(() => this.inner.optimize(Date.now() - cleanupOlderThan.getTime()))
  }

  listIndices(): Promise<{ name: string }[]> {
    return this.inner.listIndices()
  }

  async indexStats(name: string): Promise<{ numUnindexedRows: number } | undefined> {
    return (await this.inner.indexStats(name)) ?? undefined
  }

  dropIndex(name: string): Promise<void> {
    return this.inner.dropIndex(name)
  }

  /** One bit a dimension (RaBitQ) in partitions; instead of one of that name. */
  createIndex(
    column: string,
    name: string,
    { partitions, iterations }: { partitions: number; iterations: number },
  ): Promise<void> {
    const index = loadEngine().Index.ivfRq('l2', partitions, undefined, iterations)
    return this.inner.createIndex(index, column, true, undefined, name)
  }

  /** Where other processes write too, a commit that met one of theirs is done again on what is there now. */
  async #commit<T>(work: () => Promise<T>): Promise<T> {
    if (!this.shared) return work()
    return untilDone(async () => {
      await this.checkoutLatest()
      return await work()
    })
  }

  query(): Query {
    return new Query(this.inner.query(), this.sealed)
  }

  /** Columns as they are stored, where those of `query` are opened. */
  stored(columns: readonly string[]): Query {
    return new Query(this.inner.query()).select(columns)
  }

  takeOffsets(offsets: number[]): Query {
    return new Query(this.inner.takeOffsets(offsets), this.sealed)
  }

  takeRowIds(rows: readonly number[]): Query {
    return new Query(this.inner.takeRowIds(rows.map(BigInt)), this.sealed)
  }

  vectorSearch(vector: Float32Array): VectorQuery {
    return new VectorQuery(this.inner.vectorSearch(vector))
  }
}

export class Query<Inner extends EngineQuery = EngineQuery> {
  private columns: readonly string[] | undefined

  constructor(
    protected readonly inner: Inner,
    private readonly sealed?: SealedRows,
  ) {}

  where(sql: string): this {
    this.inner.onlyIf(sql)
    return this
  }

  select(columns: readonly string[]): this {
    this.columns = columns
    this.inner.selectColumns(this.sealed?.stored(columns) ?? [...columns])
    return this
  }

  limit(limit: number): this {
    this.inner.limit(limit)
    return this
  }

  /** Passes over so many. */
  offset(offset: number): this {
    this.inner.offset(offset)
    return this
  }

  withRowId(): this {
    this.inner.withRowId()
    return this
  }

  /** From the least on, texts by their code points. The engine finds the other columns by the rows' numbers. */
  orderBy(...columns: readonly string[]): this {
    return this.#order(columns, true)
  }

  /** From the greatest on. */
  orderDown(...columns: readonly string[]): this {
    return this.#order(columns, false)
  }

  #order(columns: readonly string[], ascending: boolean): this {
    this.inner.orderBy(columns.map((columnName) => ({ columnName, ascending, nullsFirst: false })))
    return this.withRowId()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RecordBatch> {
    const results = await this.inner.execute()
    for (let file = await results.next(); file; file = await results.next())
      for (const batch of tableFromIPC(file).batches)
        if (this.sealed) yield* this.sealed.open(batch, this.columns)
        else yield batch
  }

  async toArray(): Promise<unknown[]> {
    const batches: RecordBatch[] = []
    for await (const batch of this) batches.push(batch)
    return new ArrowTable(batches).toArray()
  }
}

export class VectorQuery extends Query<EngineVectorQuery> {
  column(column: string): this {
    this.inner.column(column)
    return this
  }

  distanceType(distance: string): this {
    this.inner.distanceType(distance)
    return this
  }

  nprobes(partitions: number): this {
    this.inner.nprobes(partitions)
    return this
  }

  refineFactor(factor: number): this {
    this.inner.refineFactor(factor)
    return this
  }
}

/** A row of its own, as it would be added. */
export const plainRow = (row: Iterable<[string, unknown]>): Row =>
  Object.fromEntries(
    [...row].map(([name, value]) => [name, value instanceof Vector ? value.toArray() : value]),
  )

/** Columns that the rows lack are left out: the engine makes them null. */
function fileOf(rows: readonly Row[], schema: Schema): Buffer {
  const [first] = rows
  if (first === undefined) return Buffer.from(tableToIPC(new ArrowTable(schema), 'file'))
  const fields = schema.fields.filter(({ name }) => name in first)
  const columns = fields.map(({ name, type }) => {
    const values = rows.map((row) => row[name])
    return [name, vectorFromArray(values, type)]
  })
  const table = new ArrowTable(new Schema(fields), Object.fromEntries(columns))
  return Buffer.from(tableToIPC(table, 'file'))
}
