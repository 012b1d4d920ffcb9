import sharp from 'sharp'
import { DataError, messageOf } from '../errors.js'
import { decodeJpeg } from './jpeg.js'
import { encodedImage, type ImageRef, type ImageSource, imageName } from './source.js'

/** Side of an aligned face, in pixels. */
export const IMAGE_SIZE = 112
/** Bytes of an aligned face: RGB, rows of pixels (HWC), uint8. */
export const IMAGE_BYTES = IMAGE_SIZE * IMAGE_SIZE * 3

// Parallelism is over images (loader workers), never inside one; and no image is asked for twice in a row.
sharp.concurrency(1)
sharp.cache(false)

/**
 * Decodes an aligned face: JPEG, PNG or WebP of exactly 112 x 112 pixels, in any colour space, alpha dropped.
 *
 * Ordinary JPEGs are decoded by libjpeg-turbo on this thread, in less time than handing them to another takes;
 * everything else by sharp.
 *
 * @param source a file's path, its bytes, or where else it is
 * @returns IMAGE_BYTES bytes, RGB, HWC
 * @throws DataError DATA_IMAGE_UNREADABLE (missing, not an image, corrupt, truncated), DATA_IMAGE_SIZE; DATA_FILE and
 *   DATA_RECORDS for a record that cannot be read
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
  const name = Buffer.isBuffer(source) ? `image of ${source.length} bytes` : imageName(source)
  const input = Buffer.isBuffer(source) ? source : fileOrBytes(source)
  try {
    // The pixel limit refuses a larger image by its header, before it costs time or memory.
    const decoding = sharp(input, { limitInputPixels: IMAGE_SIZE * IMAGE_SIZE, failOn: 'error' })
    const { data, info } = await decoding
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    if (info.width !== IMAGE_SIZE || info.height !== IMAGE_SIZE)
      throw wrongSize(name, info.width, info.height)
    return new Uint8Array(data.buffer, data.byteOffset, data.length)
  } catch (error) {
    if (error instanceof DataError) throw error
    if (/pixel limit/.test(messageOf(error))) {
      const { width, height } = await sharp(input, { limitInputPixels: false }).metadata()
      throw wrongSize(name, width, height)
    }
    throw unreadable(name, error)
  }
}

/**
 * Looks at an image as far as its header goes: whether it is there, is one, and has 112 x 112 pixels.
 * @throws DataError as `decodeImage`
 */
export async function checkImage(source: ImageSource): Promise<void> {
  const name = imageName(source)
  const { width, height } = await sharp(fileOrBytes(source), { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(name, error)
    })
  if (width !== IMAGE_SIZE || height !== IMAGE_SIZE) throw wrongSize(name, width, height)
}

function unreadable(name: string, error: unknown): DataError {
  return new DataError(
    'DATA_IMAGE_UNREADABLE',
    `${name} cannot be decoded (${messageOf(error).trim()}). Replace or remove the file.`,
    error,
  )
}

/** sharp reads a file by itself. */
function fileOrBytes(source: ImageSource): string | Uint8Array {
  if (typeof source === 'string') return source
  return 'path' in source && source.offset === undefined ? source.path : encodedImage(source)
}

function wrongSize(name: string, width: number, height: number): DataError {
  return new DataError(
    'DATA_IMAGE_SIZE',
    `${name} is ${width} x ${height} pixels, but aligned faces are ${IMAGE_SIZE} x ${IMAGE_SIZE}. ` +
      'Align and crop the photographs first.',
  )
}
