import { InputFile, readWhole } from '@arcface/files'
import { imageFormat } from '@arcface/vision'
import { DataError } from '../errors.js'
import { decodeRecord, unpackImage } from '../recordio/record.js'

/** An image on disk: a file of its own, or with `offset` and `length` a record of a `.rec`. */
export interface ImageRef {
  path: string
  /** First byte of the record. */
  offset?: number
  /** Bytes of the record with its frame and padding. */
  length?: number
}

/** An encoded image in memory, and what it is called in messages. */
export interface NamedBytes {
  name: string
  bytes: Uint8Array
}

/** Where an image is: a path, a place on disk, or bytes in memory. */
export type ImageSource = string | ImageRef | NamedBytes

/** What a message calls an image. */
export function imageName(source: ImageSource): string {
  if (typeof source === 'string') return source
  if ('bytes' in source) return source.name
  return source.offset === undefined
    ? source.path
    : `${source.path} (record at byte ${source.offset})`
}

/** The path of an image that is a file of its own; null for a record or bytes in memory. */
export function imageFile(source: ImageSource): string | null {
  if (typeof source === 'string') return source
  return 'path' in source && source.offset === undefined ? source.path : null
}

/** Bytes of the largest file that is taken for an image. */
export const LARGEST_IMAGE = 512e6

/** The encoded bytes of an image. @throws FilesError FILES_READ; DataError DATA_RECORDS */
export function encodedImage(source: ImageSource): Uint8Array {
  if (typeof source === 'string') return readWhole(source, LARGEST_IMAGE)
  if ('bytes' in source) return source.bytes
  const { path, offset, length = 0 } = source
  if (offset === undefined) return readWhole(path, LARGEST_IMAGE)
  using file = new InputFile(path)
  const name = imageName(source)
  const bytes = file.read(offset, length)
  if (bytes.length < length)
    throw new DataError(
      'DATA_RECORDS',
      `${name} ends after ${bytes.length} of ${length} bytes. Copy the file again.`,
    )
  return unpackImage(decodeRecord(bytes, name), name).image
}

/**
 * An image as a `data:` address, as it is stored, to stand in a page: aligned faces are small enough.
 * @throws as `encodedImage`
 */
export function imageUrl(source: ImageSource): string {
  const bytes = encodedImage(source)
  const format = imageFormat(bytes)
  return `data:image/${typeof format === 'string' ? format : 'jpeg'};base64,${Buffer.from(bytes).toString('base64')}`
}
