import type { Table } from '@lancedb/lancedb'
import { RecognizeError } from '../errors.js'
import { jsonLines } from '../rows/json-lines.js'
import { type Column, parquetRows } from '../rows/parquet.js'
import { type Sink, writeWhole } from '../rows/sink.js'
import type { Gallery } from './gallery.js'
import type { Metadata } from './metadata.js'
import type { GalleryModel } from './model.js'
import { personOf } from './person.js'
import type { FaceRow, PersonRow, Tables } from './tables.js'

/** Of exported files. 1 had neither people without faces, nor dates, nor a count of its rows. */
export const EXPORT_FORMAT = 2

/** A line of JSONL or a row of Parquet: a face with its person, or a person without one (`id` and `embedding` are null). */
export interface ExportedRow {
  id: string | null
  person: string
  groups: readonly string[]
  metadata: Metadata
  /** When the person came into the gallery, */
  joined: Date
  /** and the face. */
  added: Date | null
  source: string | null
  /** sha-256 of the photograph's file. */
  photo: string | null
  embedding: Float32Array | null
  thumbnail: Uint8Array | null
}

const COLUMNS: readonly Column[] = [
  { name: 'id', kind: 'text', optional: true },
  { name: 'person', kind: 'text' },
  { name: 'groups', kind: 'texts' },
  { name: 'metadata', kind: 'text' },
  { name: 'joined', kind: 'date' },
  { name: 'added', kind: 'date', optional: true },
  { name: 'source', kind: 'text', optional: true },
  { name: 'photo', kind: 'text', optional: true },
  { name: 'embedding', kind: 'numbers', optional: true },
  { name: 'thumbnail', kind: 'bytes', optional: true },
]

export interface ExportHeader {
  format: number
  model: GalleryModel
  /** In the file, so that one that was cut is known. */
  rows: number
}

/**
 * Writes all people with their faces to a `.jsonl` (a header, then a line a face or person without one, thumbnails in
 * base64) or a `.parquet`; under another name first, so that a file of the right name is whole; readable by its owner
 * only. What is written is the gallery at one moment.
 * @returns faces written
 * @throws RecognizeError RECOGNIZE_USE (the file's ending), GALLERY_EXPORT (the file cannot be written: a full disk, no
 *   such folder), and as the gallery's reading
 */
export async function exportGallery(gallery: Gallery, file: string): Promise<number> {
  if (typeof file !== 'string' || !/\.(jsonl|parquet)$/.test(file))
    throw new RecognizeError('RECOGNIZE_USE', `${file}: the name must end in .jsonl or .parquet`)
  const writing = <T>(work: () => Promise<T>) => named(file, work)
  const open = file.endsWith('.jsonl') ? jsonLinesOf : parquetOf
  return writing(() =>
    writeWhole(file, (temporary) =>
      gallery.read((tables) =>
        atOneMoment(tables, async (people, faces) => {
          const counts = new Map<string, number>()
          for await (const batch of faces.query().select(['person']))
            for (const { person } of batch as Iterable<Pick<FaceRow, 'person'>>)
              if (people.has(person)) counts.set(person, (counts.get(person) ?? 0) + 1)
          const alone = [...people.values()].filter(({ id }) => !counts.has(id)).map(withoutFace)
          const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
          const header = { format: EXPORT_FORMAT, model: gallery.model, rows: alone.length + total }
          const sink = await writing(() => open(temporary, header))
          await writing(() => sink.add(alone))
          for await (const batch of faces.query()) {
            const rows = [...(batch as Iterable<StoredFace>)].flatMap((face) => {
              const person = people.get(face.person)
              return person ? [withFace(face, person)] : []
            })
            await writing(() => sink.add(rows))
          }
          await writing(() => sink.close())
          return total
        }),
      ),
    ),
  )
}

/** People by id, and the table of faces as it was when they were those. */
async function atOneMoment<T>(
  tables: Tables,
  work: (people: ReadonlyMap<string, PersonRow>, faces: Table) => Promise<T>,
): Promise<T> {
  // In this order: whoever has a face then was among the people before it.
  const version = await tables.faces.version()
  const people = (await tables.people.query().toArray()) as PersonRow[]
  return tables.at('faces', version, (faces) =>
    work(new Map(people.map((row) => [row.id, row])), faces),
  )
}

/** So that what is wrong with the file is not taken for the gallery's. */
async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof RecognizeError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new RecognizeError(
      'GALLERY_EXPORT',
      `${file} cannot be written (${why}). Make room or name another place; the gallery is as it was.`,
      { cause },
    )
  }
}

type StoredFace = Omit<FaceRow, 'embedding'> & { embedding: { toArray(): Float32Array } }

function withoutFace(row: PersonRow): ExportedRow {
  const { name, groups, metadata, added } = personOf(row)
  const none = {
    id: null,
    added: null,
    source: null,
    photo: null,
    embedding: null,
    thumbnail: null,
  }
  return { ...none, person: name, groups, metadata, joined: added }
}

const withFace = (
  { id, added, source, photo, embedding, thumbnail }: StoredFace,
  person: PersonRow,
): ExportedRow => ({
  ...withoutFace(person),
  id,
  added: new Date(added),
  source,
  photo: photo ?? null, // no such column in galleries of before
  embedding: Float32Array.from(embedding.toArray()),
  thumbnail: thumbnail && Uint8Array.from(thumbnail),
})

async function jsonLinesOf(path: string, header: ExportHeader): Promise<Sink<ExportedRow>> {
  const { add, close } = jsonLines(path, { gallery: header })
  const line = ({ embedding, thumbnail, ...rest }: ExportedRow) => ({
    ...rest,
    embedding: embedding && Array.from(embedding),
    thumbnail: thumbnail && Buffer.from(thumbnail).toString('base64'),
  })
  return { add: (rows) => add(rows.map(line)), close }
}

async function parquetOf(path: string, header: ExportHeader): Promise<Sink<ExportedRow>> {
  const { add, close } = await parquetRows(path, COLUMNS, {
    'arcface.gallery': JSON.stringify(header),
  })
  const row = (one: ExportedRow) => ({
    ...one,
    metadata: JSON.stringify(one.metadata),
    embedding: one.embedding && Array.from(one.embedding),
  })
  return { add: (rows) => add(rows.map(row)), close }
}
