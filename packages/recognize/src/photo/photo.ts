import { isImageError, openImage } from '@arcface/data'
import { Limit, type Photo } from '@arcface/vision'
import { RecognizeError } from '../errors.js'
import { imageBytes, nameOf, type PhotoSource } from './source.js'

export interface PhotoOptions {
  /** Of the largest photograph that is decoded. Default: what takes 512 MB, 170 million of an ordinary JPEG. */
  readonly maxPixels?: number | undefined
  /** What errors call a photograph that has no name of its own. */
  readonly name?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Bytes of all photographs that are decoded and in use at once; the largest goes alone where it is more. */
const AT_ONCE = 1e9
const memory = new Limit(AT_ONCE)

/**
 * Reads a photograph: JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP, turned upright, in sRGB, transparency on black, of an
 * animation the first picture. A picture in memory is only checked.
 *
 * @throws RecognizeError RECOGNIZE_PHOTO: missing, no picture, truncated, or too large, which its header tells before
 *   anything is decoded; RECOGNIZE_USE: nothing that holds an image, pixels that do not fit width and height
 */
export const readPhoto = (source: PhotoSource, options: PhotoOptions = {}): Promise<Photo> =>
  usePhoto(source, options, async (photo) => photo)

/**
 * Reads a photograph and works with it. Photographs in use have a bound together, in whatever part of the process:
 * where memory is short the next waits. Errors as `readPhoto`, and what `work` throws.
 */
export async function usePhoto<T>(
  source: PhotoSource,
  { maxPixels, signal, ...options }: PhotoOptions,
  work: (photo: Photo) => Promise<T>,
): Promise<T> {
  if (maxPixels !== undefined) checkMaxPixels(maxPixels)
  const name = nameOf(source, options.name)
  if (isPhoto(source)) return work(checked(source, name))
  const bytes = await imageBytes(source, name)
  const called = name === 'the photograph given' ? `photograph of ${bytes.length} bytes` : name
  const image = await ofPhoto(() => openImage(bytes, called, maxPixels))
  return memory.run(
    signal,
    async () => work({ ...(await ofPhoto(() => image.decode('black'))), name: called }),
    image.memory,
  )
}

/** @throws RecognizeError RECOGNIZE_USE */
export function checkMaxPixels(maxPixels: number): void {
  if (!(maxPixels >= 1))
    throw new RecognizeError('RECOGNIZE_USE', `maxPixels: 1 or more, not ${maxPixels}`)
}

const isPhoto = (source: PhotoSource): source is Photo =>
  typeof source === 'object' && source !== null && 'pixels' in source

/** @throws RecognizeError RECOGNIZE_USE */
function checked(photo: Photo, name: string): Photo {
  const { width, height, pixels } = photo
  const refuse = (why: string) => new RecognizeError('RECOGNIZE_USE', `${name}: ${why}`)
  const isSide = (side: unknown) => Number.isInteger(side) && (side as number) > 0
  if (!isSide(width) || !isSide(height))
    throw refuse(`width and height are positive whole numbers, not ${width} and ${height}`)
  if (!ArrayBuffer.isView(pixels) || !('length' in pixels) || pixels.byteLength !== pixels.length)
    throw refuse('pixels are a Uint8Array')
  if (pixels.length === width * height * 3)
    return pixels instanceof Uint8Array ? photo : { ...photo, pixels: Uint8Array.from(pixels) }
  const isRgba = pixels.length === width * height * 4
  throw refuse(
    `${width} x ${height} pixels of RGB are ${width * height * 3} bytes, but there are ${pixels.length}${
      isRgba ? '; they look like RGBA: leave every fourth byte out' : ''
    }`,
  )
}

async function ofPhoto<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!isImageError(cause)) throw cause
    const { message, hint } = cause
    throw new RecognizeError('RECOGNIZE_PHOTO', message, { cause, hint })
  }
}
