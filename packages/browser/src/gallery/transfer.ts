import {
  EXPORT_FORMAT,
  type ExportHeader,
  type GalleryModel,
  jsonOfRow,
  kindOf,
  type ParsedRow,
  rowOfJson,
  rowWithFace,
  rowWithoutFace,
} from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { checkModel, checkRows, modelIn, parseModel, parseRow } from './rules.js'
import type { GalleryStore } from './store.js'

// The export of Node's gallery, as JSONL: a header, then a line a face or person without one.

/** Faces of which pictures are read at once, and of a commit. */
const BATCH = 1000

/** The gallery at one moment, but for pictures that are deleted meanwhile. */
export async function exported(store: GalleryStore): Promise<Blob> {
  const held = await store.current()
  const people = [...held.people.entries()].map(([, person]) => person)
  const names = new Map(people.map((person) => [person.id, person]))
  const faces = [...held.stored()].flatMap(([row, face]) => {
    const person = names.get(face.person)
    return person ? [{ face, person, embedding: held.faces.embedding(row).slice() }] : []
  })
  const alone = people.filter(({ id }) => held.rowsOf(id).size === 0)
  const rows = alone.length + faces.length
  const header: ExportHeader = { format: EXPORT_FORMAT, model: store.model, rows }
  const line = (value: object) => `${JSON.stringify(value)}\n`
  const parts: (string | Blob)[] = [
    line({ gallery: header }),
    ...alone.map((person) => line(jsonOfRow(rowWithoutFace(person), base64))),
  ]
  for (let at = 0; at < faces.length; at += BATCH) {
    const batch = faces.slice(at, at + BATCH)
    const pictures = await store.pictures(batch.flatMap(({ face }) => face.thumbnail ?? []))
    const lines = batch.map(({ face, person, embedding }) => {
      const thumbnail = pictures.get(face.thumbnail ?? 0) ?? null
      return line(jsonOfRow(rowWithFace({ ...face, embedding, thumbnail }, person), base64))
    })
    // A Blob may lie on the disk, which texts do not.
    parts.push(new Blob(lines))
  }
  return new Blob(parts, { type: 'application/jsonl' })
}

/**
 * Rows of an exported file, in batches: the header and the number of lines are looked at first.
 * @throws BrowserError BROWSER_GALLERY_FORMAT, BROWSER_GALLERY_MODEL, BROWSER_GALLERY_EMBEDDING, BROWSER_USE
 */
export async function* importedRows(
  source: Blob | string,
  model: GalleryModel,
  signal: AbortSignal,
): AsyncGenerator<ParsedRow[]> {
  if (!(source instanceof Blob || typeof source === 'string'))
    throw new BrowserError('BROWSER_USE', `import: a File, a Blob or a text, not ${kindOf(source)}`)
  const file = source instanceof Blob ? source : new Blob([source])
  const name = file instanceof File ? file.name : 'the file to import'
  const total = await linesIn(file)
  let rows: ParsedRow[] = []
  let line = 0
  for await (const text of linesOf(file)) {
    const value = parsed(text, `${name}, line ${++line}`)
    if (line === 1) {
      const header = (value as { gallery?: unknown } | null)?.gallery
      checkRows(header, total - 1, name)
      checkModel(model, parseModel(modelIn(header, name), name), 'the gallery')
      continue
    }
    rows.push(parseRow(rowOfJson(value, bytesOf), `${name}: row ${line - 1}`, model.dim))
    if (rows.length < BATCH) continue
    signal.throwIfAborted()
    yield rows
    rows = []
  }
  if (line === 0) throw new BrowserError('BROWSER_GALLERY_FORMAT', `${name} is empty`)
  yield rows
}

function parsed(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new BrowserError('BROWSER_GALLERY_FORMAT', `${where}: no JSON`, { cause })
  }
}

/** Lines that have their end. */
async function linesIn(file: Blob): Promise<number> {
  let lines = 0
  for await (const chunk of chunksOf(file.stream()))
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
  return lines
}

async function* linesOf(file: Blob): AsyncGenerator<string> {
  let rest = ''
  for await (const text of chunksOf(file.stream().pipeThrough(new TextDecoderStream()))) {
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Not by `for await` over the stream itself, which Safari does not know. @throws BrowserError BROWSER_USE: unreadable */
async function* chunksOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new BrowserError('BROWSER_USE', `the file cannot be read: ${messageOf(cause)}`, {
        cause,
      })
    })
    if (done) return
    yield value
  }
}

function base64(bytes: Uint8Array): string {
  let text = ''
  // A call takes so many arguments at most.
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}

function bytesOf(text: string): Uint8Array {
  const decoded = decodedBase64(text)
  const bytes = new Uint8Array(decoded.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = decoded.charCodeAt(i)
  return bytes
}

function decodedBase64(text: string): string {
  try {
    return atob(text)
  } catch (cause) {
    throw new BrowserError('BROWSER_GALLERY_FORMAT', 'a picture is no base64', { cause })
  }
}
