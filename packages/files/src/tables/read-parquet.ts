import { once } from 'node:events'
import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { FilesError } from '../errors.js'
import { checkRegular } from '../read/regular.js'
import { workerFile } from '../worker-file.js'

export interface Task {
  readonly file: string
  /** Of the file's own metadata. */
  readonly key: string
  /** Rows read at a time. */
  readonly batch: number
}
type Row = Record<string, unknown>
interface Head {
  about: string | undefined
  rows: number
}
export type Answer = Head | { read: Row[] } | { failed: string }

export interface ReadParquetOptions {
  /** Default 1000. */
  readonly batch?: number
  /** Milliseconds for a batch. Default: ten seconds, and one for each megabyte of the file: tens of times what it takes. */
  readonly patience?: number
}

/** Memory of the thread in MB. */
const MOST_MEMORY = 2048

/**
 * The rows of a Parquet file in batches, first none, each with the number of all rows and with what the file says under
 * `key` of itself. They are read in a thread of its own, with bounds of time and memory: in a damaged page the library may
 * find a length of gigabytes, or no end.
 *
 * @throws FilesError FILES_TABLE where it is damaged or no Parquet file; FilesError FILES_READ
 */
export async function* readParquet(
  file: string,
  key: string,
  { batch = 1000, patience }: ReadParquetOptions = {},
): AsyncGenerator<{ about: string | undefined; total: number; rows: Row[] }> {
  checkRegular(file)
  const limit = patience ?? 10_000 + Math.ceil(statSync(file).size / 1000)
  const worker = new Worker(
    workerFile('@arcface/files/parquet-worker', import.meta.url, 'reads Parquet'),
    {
      workerData: { file, key, batch } satisfies Task,
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY },
    },
  )
  // Also what fails while nobody waits for an answer.
  let dead: Error | undefined
  worker.on('error', (error) => {
    dead = error
  })
  const answer = async <T extends Answer>(): Promise<T> => {
    try {
      if (dead) throw dead
      const [said] = (await once(worker, 'message', { signal: AbortSignal.timeout(limit) })) as [
        T | { failed: string },
      ]
      if ('failed' in said) throw new Error(said.failed)
      return said
    } catch (cause) {
      const { name, message } = cause as Error
      const why =
        name === 'AbortError'
          ? `reading it did not end within ${Math.ceil(limit / 1000)} s`
          : message
      throw new FilesError(
        'FILES_TABLE',
        `${file} is no Parquet file, or damaged: ${why}. Export or copy it again.`,
        { cause },
      )
    }
  }
  try {
    const { about, rows: total } = await answer<Head>()
    yield { about, total, rows: [] }
    for (let start = 0; start < total; start += batch) {
      worker.postMessage(start)
      const { read } = await answer<{ read: Row[] }>()
      yield { about, total, rows: read }
    }
  } finally {
    await worker.terminate()
  }
}
