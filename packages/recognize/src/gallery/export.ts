import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { RecognizeError } from '../errors.js'
import type { Gallery } from './gallery.js'
import type { GalleryModel } from './model.js'
import type { Metadata } from './person.js'
import type { FaceRow, PersonRow } from './tables.js'

/** Of exported files. */
export const EXPORT_FORMAT = 1
/** Faces of a row group of Parquet. */
const ROWS = 4096

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

interface Sink {
  add(faces: readonly ExportedFace[]): Promise<void>
  close(): Promise<void>
}

export interface ExportHeader {
  format: number
  model: GalleryModel
}

/**
 * Writes all faces with their people to a `.jsonl` (a header, then a line a face, thumbnails in
 * base64) or a `.parquet`; under another name first, so that a file of the right name is whole.
 * People without a face are left out.
 * @returns faces written
 * @throws RecognizeError RECOGNIZE_USE (the file's ending), and as the gallery's reading; what the file system throws
 */
export async function exportGallery(gallery: Gallery, file: string): Promise<number> {
  if (!/\.(jsonl|parquet)$/.test(file))
    throw new RecognizeError('RECOGNIZE_USE', `${file}: the name must end in .jsonl or .parquet`)
  const temporary = `${file}.${process.pid}.tmp`
  const header = { format: EXPORT_FORMAT, model: gallery.model }
  try {
    const count = await gallery.read(async (tables) => {
      const sink = file.endsWith('.jsonl')
        ? jsonLines(temporary, header)
        : await parquet(temporary, header)
      let count = 0
      const people = new Map(
        ((await tables.people.query().toArray()) as PersonRow[]).map((row) => [row.id, row]),
      )
      for await (const batch of tables.faces.query()) {
        const faces = [...(batch as Iterable<StoredFace>)].flatMap((face) => {
          const person = people.get(face.person)
          return person ? [exported(face, person)] : []
        })
        await sink.add(faces)
        count += faces.length
      }
      await sink.close()
      return count
    })
    renameSync(temporary, file)
    return count
  } finally {
    rmSync(temporary, { force: true })
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

function jsonLines(path: string, header: ExportHeader): Sink {
  const file = openSync(path, 'w')
  const write = (value: unknown) => writeSync(file, `${JSON.stringify(value)}\n`)
  write({ gallery: header })
  return {
    add: async (faces) => {
      for (const { embedding, thumbnail, ...rest } of faces)
        write({
          ...rest,
          embedding: Array.from(embedding),
          thumbnail: thumbnail && Buffer.from(thumbnail).toString('base64'),
        })
    },
    close: async () => {
      fsyncSync(file)
      closeSync(file)
    },
  }
}

async function parquet(path: string, header: ExportHeader): Promise<Sink> {
  const { fileWriter, ParquetWriter } = await import('hyparquet-writer')
  const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8' } as const
  const [REQUIRED, OPTIONAL] = ['REQUIRED', 'OPTIONAL'] as const
  const list = (name: string, item: object) => [
    { name, converted_type: 'LIST' as const, repetition_type: REQUIRED, num_children: 1 },
    { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
    { name: 'element', repetition_type: OPTIONAL, ...item },
  ]
  const columns = ['id', 'person', 'groups', 'metadata', 'source', 'embedding', 'thumbnail']
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: [
      { name: 'root', num_children: columns.length },
      { name: 'id', ...text, repetition_type: REQUIRED },
      { name: 'person', ...text, repetition_type: REQUIRED },
      ...list('groups', text),
      { name: 'metadata', ...text, repetition_type: REQUIRED },
      { name: 'source', ...text, repetition_type: OPTIONAL },
      ...list('embedding', { type: 'FLOAT' }),
      { name: 'thumbnail', type: 'BYTE_ARRAY', repetition_type: OPTIONAL },
    ],
    kvMetadata: [{ key: 'arcface.gallery', value: JSON.stringify(header) }],
  })
  let waiting: ExportedFace[] = []
  const flush = async () => {
    const rows = waiting.map((face) => ({
      ...face,
      metadata: JSON.stringify(face.metadata),
      embedding: Array.from(face.embedding),
    }))
    waiting = []
    const columnData = columns.map((name) => ({
      name,
      data: rows.map((row) => row[name as keyof ExportedFace]),
    }))
    await writer.write({ columnData, rowGroupSize: ROWS })
  }
  return {
    add: async (faces) => {
      for (const face of faces) {
        waiting.push(face)
        if (waiting.length === ROWS) await flush()
      }
    },
    close: async () => {
      if (waiting.length > 0) await flush()
      await writer.finish()
    },
  }
}
