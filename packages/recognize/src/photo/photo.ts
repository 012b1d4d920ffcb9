import sharp from 'sharp'
import { RecognizeError } from '../errors.js'

/** A picture in memory, upright as its EXIF data say. */
export interface Photo {
  readonly width: number
  readonly height: number
  /** RGB, rows of pixels (HWC), uint8: width * height * 3 bytes. */
  readonly pixels: Uint8Array
  /** What errors call it: its path. */
  readonly name?: string
}

/** Pixels of the largest photograph that is decoded: more than any camera's, far below a bomb's. */
const MAX_PIXELS = 256e6

/**
 * Reads a photograph: whatever sharp decodes (JPEG, PNG, WebP, AVIF, TIFF, ...), turned upright, in sRGB, transparency on
 * black, of an animation the first picture.
 *
 * @param source a path, or the bytes of a file
 * @throws RecognizeError RECOGNIZE_PHOTO: missing, no picture, truncated, or of more than `maxPixels`, which its header
 *   tells before anything is decoded
 */
export async function readPhoto(
  source: string | Uint8Array,
  { maxPixels = MAX_PIXELS }: { readonly maxPixels?: number } = {},
): Promise<Photo> {
  const name = typeof source === 'string' ? source : `photograph of ${source.length} bytes`
  try {
    const { data, info } = await sharp(source, { limitInputPixels: maxPixels, failOn: 'error' })
      .autoOrient()
      .flatten()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
    const { width, height, channels } = info
    return { width, height, pixels: channels === 3 ? pixels : grayToRgb(pixels, channels), name }
  } catch (cause) {
    const why = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!.trim()
    const advice = /pixel limit/.test(why)
      ? `It has more than ${Math.round(maxPixels / 1e6)} million pixels; scale it down first.`
      : 'Replace or remove the file.'
    throw new RecognizeError('RECOGNIZE_PHOTO', `${name} cannot be read (${why}). ${advice}`, {
      cause,
    })
  }
}

function grayToRgb(pixels: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((pixels.length / channels) * 3)
  for (let i = 0, at = 0; at < pixels.length; i += 3, at += channels)
    rgb.fill(pixels[at]!, i, i + 3)
  return rgb
}
