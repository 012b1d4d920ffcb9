import { createInterface } from 'node:readline'
import { checkRegular, streamRegular } from '@arcface/data'
import { z } from 'zod'
import { RecognizeError } from '../errors.js'
import { FACE_ID, type NewFace } from './enroll.js'
import { EXPORT_FORMAT } from './export.js'
import { BULK } from './folder.js'
import type { Gallery } from './gallery.js'
import { checkModel, type GalleryModel, parseModel } from './model.js'
import { isIn } from './tables.js'

/** Faces of a commit, and of a row group read. */
const BATCH = 1000

const face = z.object({
  id: z.string().regex(FACE_ID),
  person: z.string(),
  groups: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  source: z.string().nullable(),
  embedding: z.array(z.number()),
  thumbnail: z.instanceof(Uint8Array).nullable(),
})

export interface ImportOptions {
  /** Called after a commit: so many of the file's faces are there. */
  readonly onProgress?: (done: number) => void
}

/**
 * Adds the faces of an exported `.jsonl` or `.parquet`. A face whose id is there is passed over, so
 * that the same call goes on after an interruption; people of the same name are the same people.
 * @returns faces added
 * @throws RecognizeError GALLERY_MODEL (of another model), GALLERY_FORMAT (newer, or no export),
 *   RECOGNIZE_USE (the file's ending), and as `enroll`; what the file system throws
 */
export async function importGallery(
  gallery: Gallery,
  file: string,
  { onProgress }: ImportOptions = {},
): Promise<number> {
  let first = true
  let done = 0
  let added = 0
  for await (const batch of open(file)) {
    if (first)
      checkModel(gallery.model, parseModel(modelOf(batch.header, file), file), 'the gallery')
    first = false
    const faces = batch.faces.map((value, i) => parseFace(value, `${file}: face ${done + i + 1}`))
    const ids = faces.map(({ id }) => id)
    const there = await existing(gallery, ids)
    const fresh = faces.filter(({ id }) => !there.has(id))
    await gallery.enroll(fresh)
    added += fresh.length
    done += faces.length
    onProgress?.(done)
  }
  if (added >= BULK) await gallery.tidy()
  return added
}

/** The model of an exported file's embeddings. @throws RecognizeError GALLERY_FORMAT, RECOGNIZE_USE */
export async function exportedModel(file: string): Promise<GalleryModel> {
  for await (const { header } of open(file)) return parseModel(modelOf(header, file), file)
  throw new RecognizeError('GALLERY_FORMAT', `${file} is empty`)
}

interface Batch {
  header: unknown
  faces: unknown[]
}

async function existing(gallery: Gallery, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  return gallery.read(async ({ faces }) => {
    const rows = await faces.query().where(isIn('id', ids)).select(['id']).toArray()
    return new Set((rows as { id: string }[]).map(({ id }) => id))
  })
}

function open(file: string): AsyncGenerator<Batch> {
  if (file.endsWith('.jsonl')) return jsonLines(file)
  if (file.endsWith('.parquet')) return parquet(file)
  throw new RecognizeError('RECOGNIZE_USE', `${file}: the name must end in .jsonl or .parquet`)
}

function modelOf(header: unknown, file: string): unknown {
  const { format, model } = (header ?? {}) as { format?: unknown; model?: unknown }
  if (typeof format !== 'number')
    throw new RecognizeError('GALLERY_FORMAT', `${file} is no exported gallery: it has no header`)
  if (format > EXPORT_FORMAT)
    throw new RecognizeError(
      'GALLERY_FORMAT',
      `${file} has format ${format}; this version reads up to ${EXPORT_FORMAT}. Install a newer one.`,
    )
  return model
}

function parseFace(value: unknown, where: string): NewFace & { id: string } {
  const parsed = face.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new RecognizeError(
      'GALLERY_FORMAT',
      `${where}: ${issue?.path.join('.')}: ${issue?.message}`,
    )
  }
  const { source, thumbnail, embedding, ...rest } = parsed.data
  return {
    ...rest,
    embedding: Float32Array.from(embedding),
    ...(source !== null && { source }),
    ...(thumbnail && { thumbnail }),
  }
}

async function* jsonLines(file: string): AsyncGenerator<Batch> {
  let header: unknown
  let faces: unknown[] = []
  let line = 0
  for await (const text of createInterface({ input: streamRegular(file) })) {
    line++
    const value = parseJson(text, `${file}: line ${line}`)
    if (line === 1) {
      header = (value as { gallery?: unknown } | null)?.gallery
      yield { header, faces: [] } // refused before anything is read
      continue
    }
    const { thumbnail } = (value ?? {}) as { thumbnail?: unknown }
    faces.push(
      typeof thumbnail === 'string'
        ? { ...(value as object), thumbnail: new Uint8Array(Buffer.from(thumbnail, 'base64')) }
        : value,
    )
    if (faces.length === BATCH) {
      yield { header, faces }
      faces = []
    }
  }
  yield { header, faces }
}

async function* parquet(file: string): AsyncGenerator<Batch> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import(
    'hyparquet'
  )
  checkRegular(file)
  const buffer = await asyncBufferFromFile(file)
  let metadata: Awaited<ReturnType<typeof parquetMetadataAsync>>
  try {
    metadata = await parquetMetadataAsync(buffer)
  } catch (cause) {
    throw new RecognizeError('GALLERY_FORMAT', `${file} is no Parquet file`, { cause })
  }
  const about = metadata.key_value_metadata?.find(({ key }) => key === 'arcface.gallery')
  const header = about?.value === undefined ? undefined : parseJson(about.value, file)
  yield { header, faces: [] }
  const total = Number(metadata.num_rows)
  for (let rowStart = 0; rowStart < total; rowStart += BATCH) {
    const rows = await parquetReadObjects({
      file: buffer,
      metadata,
      rowStart,
      rowEnd: Math.min(total, rowStart + BATCH),
      utf8: false, // thumbnails are bytes
    })
    const faces = rows.map((row) => ({
      ...row,
      metadata: parseJson(String(row.metadata), `${file}: metadata`),
    }))
    yield { header, faces }
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new RecognizeError('GALLERY_FORMAT', `${where}: no JSON`, { cause })
  }
}
