import { FilesError, messageOf } from '@arcface/files'
import { IMAGE_BYTES, IMAGE_SIZE } from '@arcface/vision'
import { DataError } from '../errors.js'
import { type EncodedImage, openImage } from './encoded.js'
import { decodeJpeg } from './jpeg.js'
import { encodedImage, type ImageRef, type ImageSource, imageFile, imageName } from './source.js'

/**
 * Decodes an aligned face: JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP of exactly 112 x 112 pixels, in any colour space,
 * upright as its EXIF data say (as OpenCV reads it, and so InsightFace and MXNet), alpha dropped.
 *
 * Ordinary JPEGs are decoded by libjpeg-turbo on this thread, in less time than handing them to another takes;
 * everything else by sharp.
 *
 * @param source a file's path, its bytes, or where else it is
 * @returns IMAGE_BYTES bytes, RGB, HWC
 * @throws DataError DATA_IMAGE_UNREADABLE (missing, not an image, corrupt, truncated), DATA_IMAGE_SIZE; DATA_RECORDS
 *   and FilesError FILES_READ for a record that cannot be read
 */
export async function decodeImage(source: ImageSource | Buffer): Promise<Uint8Array> {
  const image = new Uint8Array(IMAGE_BYTES)
  return decodeJpeg(fileOrRecord(source), image) ? image : await decodeWithSharp(source)
}

function fileOrRecord(source: ImageSource | Buffer): ImageRef | Uint8Array {
  if (typeof source === 'string') return { path: source }
  if (Buffer.isBuffer(source)) return source
  return 'bytes' in source ? source.bytes : source
}

/** `decodeImage` without libjpeg-turbo: the same bytes and errors. */
export async function decodeWithSharp(source: ImageSource | Buffer): Promise<Uint8Array> {
  return (await (await openAligned(source)).decode('dropped')).pixels
}

/**
 * Looks at an image as far as its header goes: whether it is there, is one, and has 112 x 112 pixels.
 * @throws DataError as `decodeImage`
 */
export async function checkImage(source: ImageSource): Promise<void> {
  await openAligned(source)
}

/** The header tells a larger image before it costs time or memory. */
async function openAligned(source: ImageSource | Buffer): Promise<EncodedImage> {
  const name = Buffer.isBuffer(source) ? `image of ${source.length} bytes` : imageName(source)
  const image = await openImage(bytesOf(source), name, Number.POSITIVE_INFINITY)
  const { width, height } = image
  if (width === IMAGE_SIZE && height === IMAGE_SIZE) return image
  throw new DataError(
    'DATA_IMAGE_SIZE',
    `${name} is ${width} x ${height} pixels, but aligned faces are ${IMAGE_SIZE} x ${IMAGE_SIZE}.`,
    { hint: 'Find, align and cut out the faces first with `prepareFolder`.' },
  )
}

function bytesOf(source: ImageSource | Buffer): Uint8Array {
  if (Buffer.isBuffer(source)) return source
  try {
    return encodedImage(source)
  } catch (error) {
    // Of a file of its own it is the image that cannot be read; a record's file says so itself.
    if (!(error instanceof FilesError) || error.code !== 'FILES_READ' || imageFile(source) === null)
      throw error
    throw new DataError('DATA_IMAGE_UNREADABLE', messageOf(error), { cause: error })
  }
}

/** Whether `decodeImage` threw it of an image: work on many passes the image over and says so. */
export const isImageError = (error: unknown): error is DataError | FilesError =>
  error instanceof DataError || error instanceof FilesError
