import { FilesError, readJsonLines, readParquet, streamRegular } from '@arcface/files'
import { rowOfJson } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { checkRows } from '../rules.js'
import { kindOfFile } from './kind.js'

/** Faces of a commit, and of a row group read. */
const BATCH = 1000

/** Rows of an exported file, as they stand there. */
export interface Batch {
  header: unknown
  rows: unknown[]
}

/** @throws GalleryError GALLERY_FORMAT (newer, cut, or no export), GALLERY_USE (the file's ending) */
export const openExported = (file: string): AsyncGenerator<Batch> =>
  kindOfFile(file) === 'jsonl' ? jsonLines(file) : parquet(file)

async function* jsonLines(file: string): AsyncGenerator<Batch> {
  const lines = await linesIn(file)
  let header: unknown
  let rows: unknown[] = []
  for await (const { line, value } of ofTable(readJsonLines(file))) {
    if (line === 1) {
      header = (value as { gallery?: unknown } | null)?.gallery
      checkRows(header, lines - 1, file)
      yield { header, rows: [] } // refused before anything is read
      continue
    }
    rows.push(rowOfJson(value, (base64) => new Uint8Array(Buffer.from(base64, 'base64'))))
    if (rows.length === BATCH) {
      yield { header, rows }
      rows = []
    }
  }
  yield { header, rows }
}

/** Lines that have their end. */
async function linesIn(file: string): Promise<number> {
  let lines = 0
  for await (const chunk of streamRegular(file) as AsyncIterable<Buffer>)
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
  return lines
}

async function* parquet(file: string): AsyncGenerator<Batch> {
  for await (const { about, total, rows: read } of ofTable(
    readParquet(file, 'arcface.gallery', { batch: BATCH }),
  )) {
    const header = about === undefined ? undefined : parseJson(about, file)
    if (read.length === 0) checkRows(header, total, file)
    const rows = read.map((row) => ({
      ...row,
      metadata: parseJson(String(row.metadata), `${file}: metadata`),
      ...(row.consent != null && { consent: parseJson(String(row.consent), `${file}: consent`) }),
    }))
    yield { header, rows }
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new GalleryError('GALLERY_FORMAT', `${where}: no JSON`, { cause })
  }
}

/** @throws GalleryError GALLERY_FORMAT where a file is damaged or no such table */
async function* ofTable<T>(rows: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    yield* rows
  } catch (cause) {
    if (!(cause instanceof FilesError && ['FILES_TABLE', 'FILES_LINE'].includes(cause.code)))
      throw cause
    throw new GalleryError('GALLERY_FORMAT', cause.message, { cause })
  }
}
