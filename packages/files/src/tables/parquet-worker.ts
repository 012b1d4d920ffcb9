import { parentPort, workerData } from 'node:worker_threads'
import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet'
import { messageOf } from '../errors.js'
import type { Answer, Task } from './read-parquet.js'

// A thread that reads one Parquet file: see read-parquet.ts.

const { file, key, batch } = workerData as Task
const say = (answer: Answer) => parentPort!.postMessage(answer)

try {
  const buffer = await asyncBufferFromFile(file)
  const metadata = await parquetMetadataAsync(buffer)
  const rows = rowsOf(metadata, buffer.byteLength)
  const about = metadata.key_value_metadata?.find((one) => one.key === key)?.value
  say({ about, rows })
  parentPort!.on('message', async (rowStart: number) => {
    try {
      const rowEnd = Math.min(rows, rowStart + batch)
      // utf8: bytes without a type of their own stay bytes.
      const read = await parquetReadObjects({
        file: buffer,
        metadata,
        rowStart,
        rowEnd,
        utf8: false,
      })
      if (read.length !== rowEnd - rowStart) throw new Error(`${read.length} rows of ${batch}`)
      say({ read })
    } catch (error) {
      say({ failed: messageOf(error) })
    }
  })
} catch (error) {
  say({ failed: messageOf(error) })
}

/** The number of rows, which the footer says in two places; a row takes a byte at least. */
function rowsOf({ num_rows, row_groups }: FileMetaData, bytes: number): number {
  const sum = row_groups.reduce((all, group) => all + group.num_rows, 0n)
  if (!(num_rows >= 0n && num_rows === sum && num_rows <= BigInt(bytes)))
    throw new Error(`its footer tells of ${num_rows} rows in ${bytes} bytes`)
  return Number(num_rows)
}
