import { fileURLToPath } from 'node:url'
import { LARGEST_IMAGE } from '@arcface/data'
import { messageOf, readRegular } from '@arcface/files'
import { kindOf, type Photo } from '@arcface/vision'
import { RecognizeError } from '../errors.js'

/** The bytes of an image file, in whatever holds them. A stream or a response is read once. */
export type ImageBytes =
  | Uint8Array
  | Uint8ClampedArray
  | DataView
  | ArrayBuffer
  | SharedArrayBuffer
  | Blob
  | Response
  | AsyncIterable<Uint8Array>

/** A photograph: a path, a `file:` or `data:` URL, the bytes of an image file, or a picture in memory. */
export type PhotoSource = string | URL | ImageBytes | Photo

/** What a message calls a photograph: its path or its name, never its content. @param otherwise where it has none */
export function nameOf(source: PhotoSource, otherwise = 'the photograph given'): string {
  if (typeof source === 'string' && !/^(data|file):/i.test(source)) return pathOf(source, otherwise)
  if (typeof source === 'string' || source instanceof URL)
    return /^file:/i.test(String(source)) ? fileOf(source, otherwise) : otherwise
  const { name, path } = Object(source) as { name?: unknown; path?: unknown }
  if (typeof name === 'string' && name !== '') return name
  return typeof path === 'string' && path !== '' ? path : otherwise
}

/**
 * The bytes of an image file.
 * @param name what errors call it, as `nameOf` says
 * @throws RecognizeError RECOGNIZE_PHOTO (cannot be read), RECOGNIZE_USE (nothing that holds an image)
 */
export async function imageBytes(
  source: Exclude<PhotoSource, Photo>,
  name: string,
): Promise<Uint8Array> {
  if (typeof source === 'string' || source instanceof URL) {
    const text = String(source)
    if (/^data:/i.test(text)) return dataUrl(text, name)
    return fileBytes(/^file:/i.test(text) ? fileOf(source, name) : pathOf(text, name))
  }
  if (ArrayBuffer.isView(source)) {
    if ('BYTES_PER_ELEMENT' in source && source.BYTES_PER_ELEMENT !== 1)
      throw unusable(source, name)
    return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
  }
  if (source instanceof ArrayBuffer || isShared(source)) return new Uint8Array(source)
  const stream = streamOf(source)
  if (stream === undefined) throw unusable(source, name)
  return collect(stream, name)
}

/** A photograph that can be read twice: its path, its bytes or its pixels. Errors as `imageBytes`. */
export async function atHand(source: PhotoSource): Promise<string | Uint8Array | Photo> {
  const name = nameOf(source)
  if (typeof source === 'string' && !/^(data|file):/i.test(source)) return source
  if (/^file:/i.test(String(source))) return fileOf(source as string | URL, name)
  if (typeof source === 'object' && source !== null && 'pixels' in source) return source
  return imageBytes(source, name)
}

const isShared = (source: unknown): source is SharedArrayBuffer =>
  typeof SharedArrayBuffer !== 'undefined' && source instanceof SharedArrayBuffer

/** Blobs, files, responses and streams, of this realm or another: by what they can do. */
function streamOf(source: unknown): AsyncIterable<unknown> | undefined {
  if (typeof source !== 'object' || source === null) return undefined
  const { stream, body } = source as { stream?: unknown; body?: unknown }
  const found = typeof stream === 'function' ? stream.call(source) : (body ?? source)
  return Symbol.asyncIterator in Object(found) ? (found as AsyncIterable<unknown>) : undefined
}

async function collect(stream: AsyncIterable<unknown>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of stream) {
      if (!(chunk instanceof Uint8Array))
        throw new RecognizeError(
          'RECOGNIZE_USE',
          `${name} is a stream that gives ${kindOf(chunk)}; give one of bytes (Uint8Array)`,
        )
      length += chunk.length
      if (length > LARGEST_IMAGE)
        throw unreadable(name, `it has more than ${LARGEST_IMAGE / 1e6} million bytes`)
      chunks.push(chunk)
    }
  } catch (cause) {
    if (cause instanceof RecognizeError) throw cause
    throw unreadable(name, (cause as Error).message, cause)
  }
  return Buffer.concat(chunks, length)
}

async function fileBytes(path: string): Promise<Uint8Array> {
  try {
    return await readRegular(path, LARGEST_IMAGE)
  } catch (cause) {
    throw new RecognizeError('RECOGNIZE_PHOTO', messageOf(cause), { cause })
  }
}

/** RFC 2397. */
function dataUrl(url: string, name: string): Uint8Array {
  const comma = url.indexOf(',')
  if (comma < 0) throw unreadable(name, 'its data: URL has no comma, behind which the image stands')
  const content = url.slice(comma + 1)
  if (/;base64\s*$/i.test(url.slice(0, comma))) return Buffer.from(decoded(content, name), 'base64')
  return Buffer.from(
    content.replace(/%([0-9a-f]{2})/gi, (_, byte: string) =>
      String.fromCharCode(Number.parseInt(byte, 16)),
    ),
    'latin1',
  )
}

function decoded(content: string, name: string): string {
  try {
    return decodeURIComponent(content)
  } catch (cause) {
    throw unreadable(name, 'its data: URL is damaged', cause)
  }
}

function fileOf(source: string | URL, name: string): string {
  try {
    return fileURLToPath(source)
  } catch (cause) {
    const { message } = cause as Error
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `${name}: no file: URL of this machine (${message})`,
      { cause },
    )
  }
}

const LONGEST_PATH = 4096

/** Base64 that lacks its `data:` is no path: it would stand in the message, and is a person's picture. */
function pathOf(text: string, name: string): string {
  if (/^https?:/i.test(text))
    throw new RecognizeError(
      'RECOGNIZE_USE',
      `${name}: addresses are not fetched here; fetch it and give the response`,
    )
  const isBase64 = text.length > 255 && /^[\w+/=\s-]+$/.test(text)
  if (text !== '' && text.length <= LONGEST_PATH && !isBase64 && !text.includes('\0')) return text
  throw new RecognizeError(
    'RECOGNIZE_USE',
    `${name}: a text of ${text.length} characters is no path; give base64 as data:image/jpeg;base64,... or as Buffer.from(text, 'base64')`,
  )
}

const unusable = (value: unknown, name: string) =>
  new RecognizeError(
    'RECOGNIZE_USE',
    `${name} is ${kindOf(value)}; give a path, a file: or data: URL, bytes (Uint8Array, ArrayBuffer, Blob, File, Response, a stream) or { width, height, pixels } in RGB`,
  )

const unreadable = (name: string, why: string, cause?: unknown) =>
  new RecognizeError('RECOGNIZE_PHOTO', `${name} cannot be read: ${why}`, { cause })
