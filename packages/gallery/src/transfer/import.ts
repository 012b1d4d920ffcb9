import { createInterface } from 'node:readline'
import { FilesError, readParquet, streamRegular } from '@arcface/files'
import { z } from 'zod'
import { GalleryError } from '../errors.js'
import { FACE_ID, type NewFace } from '../faces/new.js'
import { thereIn } from '../faces/pages.js'
import type { Gallery } from '../gallery/gallery.js'
import { storeOf } from '../gallery/reader.js'
import { checkMetadata, metadataOf } from '../people/metadata.js'
import { visibleName } from '../people/names.js'
import type { NewPerson } from '../people/new.js'
import { checkModel, type GalleryModel, parseModel } from '../store/model.js'
import { BULK } from '../upkeep/upkeep.js'
import { EXPORT_FORMAT } from './export.js'

/** Faces of a commit, and of a row group read. */
const BATCH = 1000

const date = z.preprocess(
  (value) => (typeof value === 'string' ? new Date(value) : value),
  z.date({ error: 'no date' }),
)

/** A row of any format: what an older one has not is undefined. */
const row = z.object({
  id: z.string().regex(FACE_ID).nullish(),
  person: z.string(),
  groups: z.array(z.string()),
  metadata: z.unknown().transform((value) => checkMetadata(metadataOf(value))),
  joined: date.nullish(),
  added: date.nullish(),
  source: z.string().nullish(),
  photo: z.string().nullish(),
  embedding: z.array(z.number()).nullish(),
  thumbnail: z.instanceof(Uint8Array).nullish(),
})

export interface ImportOptions {
  /** Called after a commit: so many of the file's faces are there. */
  readonly onProgress?: (done: number) => void
}

/**
 * Adds the people and faces of an exported `.jsonl` or `.parquet`. A face whose id, photograph or embedding is there is
 * passed over, so that the same call goes on after an interruption; people of the same name are the same people, and
 * keep the groups and metadata that they have. A file that was cut is refused before anything is added. Names and groups
 * that could be stored before what cannot be seen was refused come with it written out: `\\u{200b}`.
 * @returns faces added
 * @throws GalleryError GALLERY_MODEL (of another model), GALLERY_FORMAT (newer, cut, or no export), GALLERY_USE (the
 *   file's ending), and as `enroll`; what the file system throws
 */
export async function importGallery(
  gallery: Gallery,
  file: string,
  { onProgress }: ImportOptions = {},
): Promise<number> {
  let first = true
  let [done, faces, added] = [0, 0, 0]
  for await (const batch of open(file)) {
    if (first)
      checkModel(gallery.model, parseModel(modelOf(batch.header, file), file), 'the gallery')
    first = false
    const rows = batch.rows.map((value, i) => parseRow(value, `${file}: row ${done + i + 1}`))
    await gallery.addPeople(rows.map(({ person }) => person))
    const found = rows.flatMap(({ face }) => face ?? [])
    const ids = found.map(({ id }) => id)
    const there = await storeOf(gallery).read((tables) => thereIn(tables, ids))
    const results = await gallery.add(found.filter(({ id }) => !there.has(id)))
    added += results.filter((one) => one.added).length
    faces += found.length
    done += rows.length
    onProgress?.(faces)
  }
  if (added >= BULK) await gallery.tidy()
  return added
}

/** The model of an exported file's embeddings. @throws GalleryError GALLERY_FORMAT, GALLERY_USE */
export async function exportedModel(file: string): Promise<GalleryModel> {
  for await (const { header } of open(file)) return parseModel(modelOf(header, file), file)
  throw new GalleryError('GALLERY_FORMAT', `${file} is empty`)
}

interface Batch {
  header: unknown
  rows: unknown[]
}

function open(file: string): AsyncGenerator<Batch> {
  if (typeof file === 'string' && file.endsWith('.jsonl')) return jsonLines(file)
  if (typeof file === 'string' && file.endsWith('.parquet')) return parquet(file)
  throw new GalleryError('GALLERY_USE', `${file}: the name must end in .jsonl or .parquet`)
}

function modelOf(header: unknown, file: string): unknown {
  const { format, model } = (header ?? {}) as { format?: unknown; model?: unknown }
  if (typeof format !== 'number')
    throw new GalleryError('GALLERY_FORMAT', `${file} is no exported gallery: it has no header`)
  if (format > EXPORT_FORMAT)
    throw new GalleryError(
      'GALLERY_FORMAT',
      `${file} has format ${format}; this version reads up to ${EXPORT_FORMAT}. Install a newer one.`,
    )
  return model
}

/** Metadata have errors of their own. */
function parsing(value: unknown, wrong: (why: string, cause: unknown) => Error) {
  try {
    return row.safeParse(value)
  } catch (error) {
    throw error instanceof GalleryError ? wrong(error.message, error) : error
  }
}

interface ParsedRow {
  person: NewPerson
  /** Undefined: a person without one. */
  face: (NewFace & { id: string }) | undefined
}

function parseRow(value: unknown, where: string): ParsedRow {
  const wrong = (why: string, cause?: unknown) =>
    new GalleryError('GALLERY_FORMAT', `${where}: ${why}`, { cause })
  const parsed = parsing(value, wrong)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw wrong([...(issue?.path ?? []), issue?.message].join(': '))
  }
  const { id, embedding, source, photo, thumbnail, added, joined, metadata } = parsed.data
  const name = visibleName(parsed.data.person)
  const person = {
    name,
    groups: parsed.data.groups.map(visibleName),
    metadata,
    ...(joined && { added: joined }),
  }
  if (!id !== !embedding) throw wrong('a face has an id and an embedding')
  const face = id &&
    embedding && {
      id,
      person: name,
      embedding: Float32Array.from(embedding),
      ...(source && { source }),
      ...(photo && { photo }),
      ...(thumbnail && { thumbnail }),
      ...(added && { added }),
    }
  return { person, face: face || undefined }
}

/** @throws GalleryError GALLERY_FORMAT: newer, or the file has not the rows that it says */
function checkRows(header: unknown, rows: number, file: string): void {
  modelOf(header, file)
  const { format, rows: said } = header as { format: number; rows?: unknown }
  if (format < 2 || said === rows) return
  throw new GalleryError(
    'GALLERY_FORMAT',
    `${file} holds ${rows} rows of the ${said} that it says: it was cut or changed. Export again, or take another copy.`,
  )
}

async function* jsonLines(file: string): AsyncGenerator<Batch> {
  const lines = await linesIn(file)
  let header: unknown
  let rows: unknown[] = []
  let line = 0
  for await (const text of createInterface({
    input: streamRegular(file),
    crlfDelay: Infinity,
  })) {
    line++
    const value = parseJson(text, `${file}: line ${line}`)
    if (line === 1) {
      header = (value as { gallery?: unknown } | null)?.gallery
      checkRows(header, lines - 1, file)
      yield { header, rows: [] } // refused before anything is read
      continue
    }
    const { thumbnail } = (value ?? {}) as { thumbnail?: unknown }
    rows.push(
      typeof thumbnail === 'string'
        ? { ...(value as object), thumbnail: new Uint8Array(Buffer.from(thumbnail, 'base64')) }
        : value,
    )
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
  for await (const chunk of streamRegular(file))
    for (const byte of chunk as Buffer) if (byte === 10) lines++
  return lines
}

async function* parquet(file: string): AsyncGenerator<Batch> {
  for await (const { about, total, rows: read } of tableOf(file)) {
    const header = about === undefined ? undefined : parseJson(about, file)
    if (read.length === 0) checkRows(header, total, file)
    const rows = read.map((row) => ({
      ...row,
      metadata: parseJson(String(row.metadata), `${file}: metadata`),
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

/** @throws GalleryError GALLERY_FORMAT where it is damaged or no Parquet file */
async function* tableOf(file: string): ReturnType<typeof readParquet> {
  try {
    yield* readParquet(file, 'arcface.gallery', { batch: BATCH })
  } catch (cause) {
    if (!(cause instanceof FilesError && cause.code === 'FILES_TABLE')) throw cause
    throw new GalleryError('GALLERY_FORMAT', cause.message, { cause })
  }
}
