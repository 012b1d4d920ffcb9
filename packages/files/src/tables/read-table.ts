import { extname } from 'node:path'
import { FilesError } from '../errors.js'
import { readCsv } from './read-csv.js'
import { readJsonLines } from './read-json-lines.js'
import { readParquet } from './read-parquet.js'

/** A row of a table: its values by the names of the columns. */
export interface TableRow {
  /** Of the file, or of Parquet the number of the row; from 1. */
  readonly line: number
  readonly values: Readonly<Record<string, unknown>>
}

/** As messages name them. */
const KINDS = '.csv, .tsv, .jsonl, .ndjson or .parquet'

/**
 * The rows of a table by the ending of its name: CSV, whose values are texts, lines of JSON, or Parquet.
 * @throws FilesError FILES_TABLE: as the readers of these say, another ending, or a line of JSON that is no object; FILES_READ
 */
export async function* readTable(path: string): AsyncGenerator<TableRow> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
    case '.tsv':
    case '.txt':
      yield* readCsv(path)
      return
    case '.jsonl':
    case '.ndjson':
      for await (const { line, value } of readJsonLines(path)) {
        if (typeof value !== 'object' || value === null || Array.isArray(value))
          throw new FilesError(
            'FILES_TABLE',
            `${path}: line ${line}: no object of names and values`,
          )
        yield { line, values: value as Record<string, unknown> }
      }
      return
    case '.parquet': {
      const text = new TextDecoder()
      let line = 0
      for await (const { rows } of readParquet(path, ''))
        for (const row of rows) {
          const values = Object.entries(row).map(([name, value]) => [
            name,
            value instanceof Uint8Array ? text.decode(value) : value,
          ])
          yield { line: ++line, values: Object.fromEntries(values) }
        }
      return
    }
    default:
      throw new FilesError('FILES_TABLE', `${path} is no table that is known: ${KINDS}`)
  }
}
