import {
  type Column,
  FilesError,
  jsonLines,
  messageOf,
  OutputFile,
  parquetRows,
  type Sink,
} from '@arcface/files'
import { GalleryError } from '../errors.js'
import { type GalleryReader, storeOf } from '../gallery/reader.js'
import type { Metadata } from '../people/metadata.js'
import { personOf } from '../people/person.js'
import type { Table } from '../store/lance.js'
import { type GalleryModel, parseModel } from '../store/model.js'
import { placeOf } from '../store/place.js'
import {
  connect,
  embeddingOf,
  type FaceRow,
  type PersonRow,
  type StoredFace,
  type Tables,
} from '../store/tables.js'
import { checkGallery, readRows, type TableCheck } from '../upkeep/check.js'

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
 * @throws GalleryError GALLERY_USE (the file's ending), GALLERY_EXPORT (the file cannot be written: a full disk, no
 *   such folder), and as the gallery's reading
 */
export async function exportGallery(gallery: GalleryReader, file: string): Promise<number> {
  const writing = <T>(work: () => Promise<T>) => named(file, work)
  const open = sinkOf(file)
  return writing(async () => {
    using output = new OutputFile(file, { isPrivate: true })
    const faces = await storeOf(gallery).read((tables) =>
      atOneMoment(tables, async (people, faces) => {
        const counts = new Map<string, number>()
        for await (const batch of faces.query().select(['person']))
          for (const { person } of batch as Iterable<Pick<FaceRow, 'person'>>)
            if (people.has(person)) counts.set(person, (counts.get(person) ?? 0) + 1)
        const alone = [...people.values()].filter(({ id }) => !counts.has(id)).map(withoutFace)
        const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
        const header = { format: EXPORT_FORMAT, model: gallery.model, rows: alone.length + total }
        const sink = await writing(() => open(output, header))
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
    )
    await output.commitAsync()
    return faces
  })
}

/**
 * Writes what can be read of a damaged gallery, as `exportGallery`; a face whose person cannot be read goes under
 * `unknown person` and the first letters of the person's id.
 * @returns faces written
 * @throws GalleryError GALLERY_DAMAGED (nothing can be read, or not which model it is of); as `checkGallery` and
 *   `exportGallery`
 */
export async function exportReadable(path: string | URL, file: string): Promise<number> {
  const where = placeOf(path)
  const open = sinkOf(file)
  const { gallery, people, faces } = await checkGallery(where)
  const lost = [gallery, faces].find(({ readable, rows }) => readable === 0 && rows !== 0)
  if (lost) throw new GalleryError('GALLERY_DAMAGED', `${where}: ${lost.trouble}`)
  const db = await connect(where)
  const rowsOf = async function* <T>(name: string, { ranges }: TableCheck): AsyncGenerator<T[]> {
    if (ranges.length === 0) return
    const table = await db.openTable(name)
    for (const range of ranges) yield await readRows<T>(table, range)
    table.close()
  }
  try {
    let model: unknown
    for await (const [row] of rowsOf<{ model: string }>('gallery', gallery)) model = row?.model
    const known = new Map<string, PersonRow>()
    for await (const rows of rowsOf<PersonRow>('people', people))
      for (const row of rows) known.set(row.id, row)
    const owners = new Set<string>()
    for await (const rows of rowsOf<StoredFace>('faces', faces))
      for (const { person } of rows) owners.add(person)
    const alone = [...known.values()].filter(({ id }) => !owners.has(id)).map(withoutFace)
    const header = {
      format: EXPORT_FORMAT,
      model: parseModel(JSON.parse(String(model)), where),
      rows: alone.length + faces.readable,
    }
    return await named(file, async () => {
      using output = new OutputFile(file, { isPrivate: true })
      const sink = await open(output, header)
      await sink.add(alone)
      for await (const rows of rowsOf<StoredFace>('faces', faces))
        await sink.add(rows.map((face) => withFace(face, known.get(face.person) ?? stranger(face))))
      await sink.close()
      await output.commitAsync()
      return faces.readable
    })
  } finally {
    db.close()
  }
}

const stranger = ({ person, groups, added }: StoredFace): PersonRow => ({
  id: person,
  name: `unknown person ${person.slice(0, 8)}`,
  groups: Array.from(groups),
  metadata: '{}',
  added,
})

/** @throws GalleryError GALLERY_USE (the file's ending) */
function sinkOf(file: string) {
  if (typeof file === 'string' && file.endsWith('.jsonl')) return jsonLinesOf
  if (typeof file === 'string' && file.endsWith('.parquet')) return parquetOf
  throw new GalleryError('GALLERY_USE', `${file}: the name must end in .jsonl or .parquet`)
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
  embedding: embeddingOf({ embedding }),
  thumbnail: thumbnail && Uint8Array.from(thumbnail),
})

async function jsonLinesOf(file: OutputFile, header: ExportHeader): Promise<Sink<ExportedRow>> {
  const { add, close } = jsonLines(file, { gallery: header })
  const line = ({ embedding, thumbnail, ...rest }: ExportedRow) => ({
    ...rest,
    embedding: embedding && Array.from(embedding),
    thumbnail: thumbnail && Buffer.from(thumbnail).toString('base64'),
  })
  return { add: (rows) => add(rows.map(line)), close }
}

async function parquetOf(file: OutputFile, header: ExportHeader): Promise<Sink<ExportedRow>> {
  const { add, close } = await parquetRows(file, COLUMNS, {
    'arcface.gallery': JSON.stringify(header),
  })
  const row = (one: ExportedRow) => ({
    ...one,
    metadata: JSON.stringify(one.metadata),
    embedding: one.embedding && Array.from(one.embedding),
  })
  return { add: (rows) => add(rows.map(row)), close }
}
