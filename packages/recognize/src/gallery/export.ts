import { RecognizeError } from '../errors.js'
import { jsonLines } from '../rows/json-lines.js'
import { type Column, parquetRows } from '../rows/parquet.js'
import { type Sink, writeWhole } from '../rows/sink.js'
import type { Gallery } from './gallery.js'
import type { Metadata } from './metadata.js'
import type { GalleryModel } from './model.js'
import type { FaceRow, PersonRow } from './tables.js'

/** Of exported files. */
export const EXPORT_FORMAT = 1

/** A line of JSONL or a row of Parquet. */
export interface ExportedFace {
  id: string
  person: string
  groups: string[]
  metadata: Metadata
  source: string | null
  embedding: Float32Array
  thumbnail: Uint8Array | null
}

const COLUMNS: readonly Column[] = [
  { name: 'id', kind: 'text' },
  { name: 'person', kind: 'text' },
  { name: 'groups', kind: 'texts' },
  { name: 'metadata', kind: 'text' },
  { name: 'source', kind: 'text', optional: true },
  { name: 'embedding', kind: 'numbers' },
  { name: 'thumbnail', kind: 'bytes', optional: true },
]

export interface ExportHeader {
  format: number
  model: GalleryModel
}

/**
 * Writes all faces with their people to a `.jsonl` (a header, then a line a face, thumbnails in
 * base64) or a `.parquet`; under another name first, so that a file of the right name is whole.
 * People without a face are left out.
 * @returns faces written
 * @throws RecognizeError RECOGNIZE_USE (the file's ending), GALLERY_EXPORT (the file cannot be written: a full disk, no
 *   such folder), and as the gallery's reading
 */
export async function exportGallery(gallery: Gallery, file: string): Promise<number> {
  if (!/\.(jsonl|parquet)$/.test(file))
    throw new RecognizeError('RECOGNIZE_USE', `${file}: the name must end in .jsonl or .parquet`)
  const header = { format: EXPORT_FORMAT, model: gallery.model }
  const writing = <T>(work: () => Promise<T>) => named(file, work)
  return writing(() =>
    writeWhole(file, (temporary) =>
      gallery.read(async (tables) => {
        const sink = await writing(async () =>
          file.endsWith('.jsonl')
            ? jsonLinesOf(temporary, header)
            : await parquetOf(temporary, header),
        )
        let count = 0
        const people = new Map(
          ((await tables.people.query().toArray()) as PersonRow[]).map((row) => [row.id, row]),
        )
        for await (const batch of tables.faces.query()) {
          const faces = [...(batch as Iterable<StoredFace>)].flatMap((face) => {
            const person = people.get(face.person)
            return person ? [exported(face, person)] : []
          })
          await writing(() => sink.add(faces))
          count += faces.length
        }
        await writing(() => sink.close())
        return count
      }),
    ),
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

const exported = (
  { id, source, embedding, thumbnail }: StoredFace,
  { name, groups, metadata }: PersonRow,
): ExportedFace => ({
  id,
  person: name,
  groups: Array.from(groups),
  metadata: JSON.parse(metadata) as Metadata,
  source,
  embedding: Float32Array.from(embedding.toArray()),
  thumbnail: thumbnail && Uint8Array.from(thumbnail),
})

function jsonLinesOf(path: string, header: ExportHeader): Sink<ExportedFace> {
  const { add, close } = jsonLines(path, { gallery: header })
  const line = ({ embedding, thumbnail, ...rest }: ExportedFace) => ({
    ...rest,
    embedding: Array.from(embedding),
    thumbnail: thumbnail && Buffer.from(thumbnail).toString('base64'),
  })
  return { add: (faces) => add(faces.map(line)), close }
}

async function parquetOf(path: string, header: ExportHeader): Promise<Sink<ExportedFace>> {
  const { add, close } = await parquetRows(path, COLUMNS, {
    'arcface.gallery': JSON.stringify(header),
  })
  const row = (face: ExportedFace) => ({
    ...face,
    metadata: JSON.stringify(face.metadata),
    embedding: Array.from(face.embedding),
  })
  return { add: (faces) => add(faces.map(row)), close }
}
