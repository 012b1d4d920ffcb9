import type { SchemaElement } from 'hyparquet'
import type { OutputFile } from '../write/write.js'
import type { Sink } from './sink.js'

/** Rows of a group. */
const ROWS = 4096

export interface Column {
  readonly name: string
  readonly kind: 'text' | 'texts' | 'number' | 'numbers' | 'bytes' | 'date'
  /** Whether it may be null. */
  readonly optional?: boolean
}

/** Parquet of these columns; numbers are float32. */
export async function parquetRows<T extends object>(
  file: OutputFile,
  columns: readonly Column[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<Sink<T>> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer')
  const bytes = new ByteWriter()
  const toFile = () => {
    file.write(bytes.getBytes())
    bytes.index = 0
  }
  const writer = new ParquetWriter({
    writer: Object.assign(bytes, { flush: toFile, finish: toFile }),
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(elements)],
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  })
  let waiting: T[] = []
  const flush = async () => {
    const rows = waiting
    waiting = []
    const columnData = columns.map(({ name }) => ({
      name,
      data: rows.map((row) => row[name as keyof T]),
    }))
    await writer.write({ columnData, rowGroupSize: ROWS })
  }
  return {
    add: async (rows) => {
      for (const row of rows) {
        waiting.push(row)
        if (waiting.length === ROWS) await flush()
      }
    },
    close: async () => {
      if (waiting.length > 0) await flush()
      await writer.finish()
    },
  }
}

const TEXT = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const
const BYTES = { type: 'BYTE_ARRAY' } as const
const NUMBER = { type: 'FLOAT' } as const
const DATE = { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } as const

function elements({ name, kind, optional }: Column): SchemaElement[] {
  const repetition_type = optional ? 'OPTIONAL' : 'REQUIRED'
  if (kind === 'texts' || kind === 'numbers')
    return [
      { name, converted_type: 'LIST', repetition_type, num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      {
        name: 'element',
        repetition_type: 'OPTIONAL',
        ...(kind === 'texts' ? TEXT : NUMBER),
      },
    ]
  const value = { text: TEXT, number: NUMBER, bytes: BYTES, date: DATE }[kind]
  return [{ name, repetition_type, ...value }]
}
