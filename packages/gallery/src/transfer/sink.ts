import {
  type Column,
  FilesError,
  jsonLines,
  messageOf,
  type OutputFile,
  parquetRows,
  type Sink,
} from '@arcface/files'
import { type ExportedRow, type ExportHeader, jsonOfRow } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { kindOfFile } from './kind.js'

const COLUMNS: readonly Column[] = [
  { name: 'id', kind: 'text', optional: true },
  { name: 'person', kind: 'text' },
  { name: 'groups', kind: 'texts' },
  { name: 'metadata', kind: 'text' },
  { name: 'consent', kind: 'text', optional: true },
  { name: 'retainUntil', kind: 'date', optional: true },
  { name: 'joined', kind: 'date' },
  { name: 'added', kind: 'date', optional: true },
  { name: 'source', kind: 'text', optional: true },
  { name: 'photo', kind: 'text', optional: true },
  { name: 'embedding', kind: 'numbers', optional: true },
  { name: 'thumbnail', kind: 'bytes', optional: true },
]

/** @throws GalleryError GALLERY_USE (the file's ending) */
export const sinkOf = (file: string) => (kindOfFile(file) === 'jsonl' ? jsonLinesOf : parquetOf)

/** So that what is wrong with the file is not taken for the gallery's. */
export async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof GalleryError) throw cause
    const reason = cause instanceof FilesError ? cause.cause : cause
    // Without the temporary name, which follows.
    const [why] = messageOf(reason).split(', ')
    throw new GalleryError(
      'GALLERY_EXPORT',
      `${file} cannot be written (${why}). Make room or name another place; the gallery is as it was.`,
      { cause },
    )
  }
}

async function jsonLinesOf(file: OutputFile, header: ExportHeader): Promise<Sink<ExportedRow>> {
  const { add, close } = jsonLines(file, { gallery: header })
  const line = (row: ExportedRow) =>
    jsonOfRow(row, (bytes) => Buffer.from(bytes).toString('base64'))
  return { add: (rows) => add(rows.map(line)), close }
}

async function parquetOf(file: OutputFile, header: ExportHeader): Promise<Sink<ExportedRow>> {
  const { add, close } = await parquetRows(file, COLUMNS, {
    'arcface.gallery': JSON.stringify(header),
  })
  const row = (one: ExportedRow) => ({
    ...one,
    metadata: JSON.stringify(one.metadata),
    consent: one.consent ? JSON.stringify(one.consent) : null,
    retainUntil: one.retainUntil ?? null,
    embedding: one.embedding && Array.from(one.embedding),
  })
  return { add: (rows) => add(rows.map(row)), close }
}
