import { messageOf } from '@arcface/files'
import { type ImageFormat, imageFormat, type Photo } from '@arcface/vision'
import sharp, { type Metadata } from 'sharp'
import { DataError } from '../errors.js'
import { bmpHeader, bmpPixels } from './bmp.js'
import { decodeWithoutEnd, jpegScans } from './jpeg-end.js'

/** An encoded image of which the header was read, and nothing decoded. */
export interface EncodedImage {
  readonly format: ImageFormat
  /** In pixels, upright as EXIF says. */
  readonly width: number
  readonly height: number
  /** Bytes that decoding takes at its peak, with the pixels that it gives. */
  readonly memory: number
  /**
   * RGB, upright as EXIF says, in sRGB; of an animation the first picture.
   * @param alpha what becomes of transparency: the picture on black, or the colours as they are stored
   * @throws DataError DATA_IMAGE_UNREADABLE (damaged, cut short)
   */
  decode(alpha: 'black' | 'dropped'): Promise<Photo>
}

/** Bytes that decoding an image may take unless a limit in pixels is given. */
export const DECODING_BYTES = 512e6

/** Pixels of a side, as JPEG has it. libvips goes through rows, of which it holds many: longer ones take gigabytes. */
const LONGEST_SIDE = 65_535

/**
 * Reads the header of an encoded image: the one way from bytes that a stranger gave to pixels. What is let in is
 * decided by its signature (`imageFormat`), how large it may be before anything is decoded.
 *
 * @param name what errors call it
 * @param maxPixels the largest image in pixels; default: what decodes in `DECODING_BYTES`, which are 170 million pixels
 *   of an ordinary JPEG and fewer of what takes more bytes each (progressive, turned, 16 bit, AVIF)
 * @throws DataError DATA_IMAGE_UNREADABLE, DATA_IMAGE_SIZE (too large)
 */
export async function openImage(
  bytes: Uint8Array,
  name: string,
  maxPixels?: number,
): Promise<EncodedImage> {
  const format = imageFormat(bytes)
  if (typeof format !== 'string') throw unreadable(name, format.not, undefined, format.instead)
  const image =
    format === 'bmp' ? openBmp(asBuffer(bytes), name) : await openWithSharp(bytes, format, name)
  const { width, height, memory } = image
  if (Math.max(width, height) > LONGEST_SIDE)
    throw new DataError(
      'DATA_IMAGE_SIZE',
      `${name} is ${width} x ${height} pixels, and no side may have more than ${LONGEST_SIDE}.`,
      { hint: 'Cut it into pieces, or scale it down first.' },
    )
  const million = ((width * height) / 1e6).toFixed(1)
  if (maxPixels === undefined ? memory > DECODING_BYTES : width * height > maxPixels)
    throw new DataError(
      'DATA_IMAGE_SIZE',
      `${name} has ${million} million pixels (${width} x ${height}), and ${
        maxPixels === undefined
          ? `decoding it takes ${Math.ceil(memory / 1e6)} MB where ${DECODING_BYTES / 1e6} are allowed`
          : `${maxPixels / 1e6} million are allowed`
      }.`,
      { hint: 'Scale it down first, or allow more pixels with `maxPixels`.' },
    )
  return image
}

function openBmp(bytes: Buffer, name: string): EncodedImage {
  const trying = <T>(body: () => T): T => {
    try {
      return body()
    } catch (cause) {
      throw unreadable(name, messageOf(cause), cause)
    }
  }
  const header = trying(() => bmpHeader(bytes))
  const { width, height } = header
  return {
    format: 'bmp',
    width,
    height,
    memory: width * height * 3,
    decode: async () => trying(() => bmpPixels(bytes, header)),
  }
}

/** sharp names AVIF by its container. */
const NAMES: Record<string, ImageFormat> = { heif: 'avif' }

async function openWithSharp(
  bytes: Uint8Array,
  format: ImageFormat,
  name: string,
): Promise<EncodedImage> {
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause) => {
      throw unreadable(name, messageOf(cause), cause)
    })
  if ((NAMES[header.format] ?? header.format) !== format)
    throw unreadable(name, `it begins as ${format}, but is ${header.format}`)
  const { width, height } = header.autoOrient
  const decode = async (alpha: 'black' | 'dropped') => {
    try {
      if (format !== 'jpeg' || hasEnd(bytes)) return await decodeWithSharp(bytes, alpha)
      const image = await decodeWithoutEnd(bytes, (more) => decodeWithSharp(more, alpha))
      if (image !== null) return image
    } catch (cause) {
      throw unreadable(name, messageOf(cause), cause)
    }
    throw unreadable(name, 'it is cut short')
  }
  return { format, width, height, memory: width * height * bytesOfPixel(header, format), decode }
}

/** Most end so; others have something behind it. */
const hasEnd = (bytes: Uint8Array) =>
  (bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9) || jpegScans(bytes).ended

async function decodeWithSharp(bytes: Uint8Array, alpha: 'black' | 'dropped'): Promise<Photo> {
  // How large it is was looked at with its header.
  const image = sharp(bytes, { limitInputPixels: false, failOn: 'error' })
  const opaque = alpha === 'black' ? image.autoOrient().flatten() : image.autoOrient().removeAlpha()
  const { data, info } = await opaque
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.length)
  return { width, height, pixels: channels === 3 ? pixels : rgbOfGrey(pixels, channels) }
}

function rgbOfGrey(pixels: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((pixels.length / channels) * 3)
  for (let i = 0, at = 0; at < pixels.length; i += 3, at += channels)
    rgb.fill(pixels[at]!, i, i + 3)
  return rgb
}

const SAMPLE: Partial<Record<Metadata['depth'], number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
}

/**
 * What decoding takes for a pixel: three bytes of RGB, and what is held of the whole picture besides, as measured at 42
 * million pixels (libvips 8.18). A baseline JPEG or a PNG goes through row by row.
 */
function bytesOfPixel(header: Metadata, format: ImageFormat): number {
  const stored = header.channels * (SAMPLE[header.depth] ?? 8)
  const turned = (header.orientation ?? 1) > 1 ? stored : 0
  const held = {
    jpeg: header.isProgressive ? 2 * header.channels : 0,
    png: header.isProgressive ? stored : 0,
    webp: 5,
    gif: 5,
    tiff: stored,
    avif: 15 * (SAMPLE[header.depth] ?? 8),
    bmp: 0,
  }
  return 3 + turned + held[format]
}

const asBuffer = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function unreadable(
  name: string,
  why: string,
  cause?: unknown,
  advice = 'Replace or remove the file.',
): DataError {
  const reason = why.split('\n')[0]!.replace(/[\s:.]+$/, '')
  return new DataError('DATA_IMAGE_UNREADABLE', `${name} cannot be read: ${reason}. ${advice}`, {
    cause,
  })
}
