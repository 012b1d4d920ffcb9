// LanceDB's engine, by the interface that LanceDB's own JavaScript uses. That package would bring OpenAI's client and
// transformers too, 370 MB that no one who installs a package depending on it can refuse; the engine's asks for nothing.

import { createRequire } from 'node:module'
import { GalleryError } from '../errors.js'

/** As package.json names it: the interface below is that of this version. */
export const VERSION = '0.31.0'

/** Rows come and go as files of Arrow's IPC. */
export interface Engine {
  readonly Connection: {
    new: (
      uri: string,
      options: { readConsistencyInterval: number; storageOptions: Record<string, string> },
    ) => Promise<EngineConnection>
  }
  readonly Index: {
    ivfRq(distance: string, partitions: number, bits: undefined, iterations: number): EngineIndex
  }
}

export interface EngineConnection {
  close(): void
  tableNames(namespace: string[]): Promise<string[]>
  openTable(name: string, namespace: string[]): Promise<EngineTable>
  createTable(name: string, rows: Buffer, mode: string, namespace: string[]): Promise<EngineTable>
  createEmptyTable(
    name: string,
    schema: Buffer,
    mode: string,
    namespace: string[],
  ): Promise<EngineTable>
  dropTable(name: string, namespace: string[]): Promise<void>
}

export interface EngineTable {
  readonly name: string
  close(): void
  schema(): Promise<Buffer>
  version(): Promise<number>
  /** Of those that are kept; the time of each in microseconds since 1970. */
  listVersions(): Promise<{ version: number; timestamp: number }[]>
  checkout(version: number): Promise<void>
  checkoutLatest(): Promise<void>
  countRows(where?: string): Promise<number>
  stats(): Promise<Stats>
  add(rows: Buffer, mode: string): Promise<{ version: number }>
  mergeInsert(on: string[]): EngineMerge
  setUnenforcedPrimaryKey(columns: string[]): Promise<void>
  update(where: string, columns: [name: string, sql: string][]): Promise<{ rowsUpdated: number }>
  delete(where: string): Promise<unknown>
  addColumns(columns: { name: string; valueSql: string }[]): Promise<unknown>
  dropColumns(columns: string[]): Promise<unknown>
  optimize(olderThanMs: number): Promise<unknown>
  listIndices(): Promise<{ name: string }[]>
  indexStats(name: string): Promise<{ numUnindexedRows: number } | null>
  dropIndex(name: string): Promise<void>
  createIndex(
    index: EngineIndex,
    column: string,
    replace: boolean,
    waitSeconds: undefined,
    name: string,
  ): Promise<void>
  query(): EngineQuery
  takeOffsets(offsets: number[]): EngineQuery
  takeRowIds(rows: bigint[]): EngineQuery
  vectorSearch(vector: Float32Array): EngineVectorQuery
}

export interface EngineMerge {
  whenNotMatchedInsertAll(): EngineMerge
  whenMatchedUpdateAll(): EngineMerge
  execute(rows: Buffer): Promise<{ numInsertedRows: number }>
}

export interface EngineQuery {
  onlyIf(where: string): void
  selectColumns(columns: string[]): void
  limit(limit: number): void
  offset(offset: number): void
  withRowId(): void
  orderBy(columns: Ordering[]): void
  execute(): Promise<{ next(): Promise<Buffer | null> }>
}

export interface Ordering {
  readonly columnName: string
  readonly ascending: boolean
  readonly nullsFirst: boolean
}

export interface EngineVectorQuery extends EngineQuery {
  column(column: string): void
  distanceType(distance: string): void
  nprobes(partitions: number): void
  refineFactor(factor: number): void
}

export type EngineIndex = { readonly engineIndex: unique symbol }

export interface Stats {
  readonly totalBytes: number
  readonly fragmentStats: { readonly numFragments: number }
}

/** LanceDB's packages for a system: of Linux and Windows one for each C library. */
const LIBRARIES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [''],
  linux: ['-gnu', '-musl'],
  win32: ['-msvc'],
}

let engine: Engine | undefined

/** Loads it with the first call. @throws GalleryError GALLERY_ENGINE where it is not installed, or cannot be loaded */
export function loadEngine(): Engine {
  engine ??= load()
  return engine
}

function load(): Engine {
  const require = createRequire(import.meta.url)
  const { platform, arch } = process
  const names =
    LIBRARIES[platform]?.map((one) => `@lancedb/lancedb-${platform}-${arch}${one}`) ?? []
  let cause: unknown
  for (const name of names)
    try {
      const { version } = require(`${name}/package.json`) as { version: string }
      if (version === VERSION) return require(name) as Engine
      cause = new Error(`${name} is of version ${version}`)
    } catch (error) {
      // One that is there says more than one that is not.
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') cause = error
    }
  const install = names.map((name) => `npm install ${name}@${VERSION}`).join(' or ')
  const hint = `${install}; npm leaves it out with --omit=optional.`
  throw new GalleryError(
    'GALLERY_ENGINE',
    cause instanceof Error
      ? `LanceDB's engine ${VERSION} cannot be loaded: ${cause.message.split('\n')[0]}`
      : `LanceDB's engine is not installed, or there is none for ${platform} ${arch}`,
    { cause, ...(names.length > 0 && { hint }) },
  )
}
