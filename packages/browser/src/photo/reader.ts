import { IMAGE_SIZE, type Photo, type PhotoReader } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { decode } from './decode.js'
import { checkSize } from './size.js'
import type { SentPhoto } from './source.js'
import { uprightPixels } from './upright.js'

/** Of a photograph unless told otherwise: some 700 MB while it is decoded. */
const MOST_PIXELS = 100e6

/** What messages call a photograph, never its content. */
export const nameOf = (photo: SentPhoto, otherwise = 'the photograph given'): string =>
  (photo.kind === 'file' && photo.name) || otherwise

/** Reads photographs in the worker: upright as EXIF says, in sRGB, transparency on black. */
export function photoReader(maxPixels = MOST_PIXELS): PhotoReader<SentPhoto> {
  return {
    nameOf,
    async use(sent, { name }, work) {
      const called = nameOf(sent, name)
      return work({ ...(await pixelsOf(sent, called, maxPixels)), name: called })
    },
    thumbnail,
  }
}

/** Works on photographs that were sent here. Their pictures are closed, also where the work ends before it reads them. */
export async function closing<T>(photos: readonly SentPhoto[], work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } finally {
    for (const photo of photos)
      if (photo.kind === 'strips') for (const strip of photo.strips) strip.close()
  }
}

/** An aligned face, 112 x 112 x 3, as a JPEG of some 4 kB. */
export async function thumbnail(pixels: Uint8Array): Promise<Uint8Array> {
  const canvas = new OffscreenCanvas(IMAGE_SIZE, IMAGE_SIZE)
  const rgba = rgbaOf({ width: IMAGE_SIZE, height: IMAGE_SIZE, pixels })
  canvas.getContext('2d')!.putImageData(rgba, 0, 0)
  const file = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 })
  return new Uint8Array(await file.arrayBuffer())
}

/** @throws BrowserError BROWSER_PHOTO, BROWSER_USE */
async function pixelsOf(sent: SentPhoto, name: string, maxPixels: number): Promise<Photo> {
  if (sent.kind === 'rgb') return checked(sent.photo, name)
  if (sent.kind === 'rgba') return rgbOf(sent.data)
  const { strips, orientation } = await pictureOf(sent, name, maxPixels)
  try {
    const width = strips[0]!.width
    const height = strips.reduce((sum, strip) => sum + strip.height, 0)
    checkSize(width, height, maxPixels, name)
    return rgbOf(uprightPixels(strips, width, height, orientation))
  } finally {
    for (const strip of strips) strip.close()
  }
}

async function pictureOf(
  sent: SentPhoto & { readonly kind: 'file' | 'strips' },
  name: string,
  maxPixels: number,
): Promise<{ readonly strips: readonly ImageBitmap[]; readonly orientation: number }> {
  if (sent.kind === 'strips') return { strips: sent.strips, orientation: 1 }
  const { bitmap, orientation } = await decode(sent.file, name, maxPixels)
  return { strips: [bitmap], orientation }
}

function checked(photo: Photo, name: string): Photo {
  const { width, height, pixels } = photo
  const isSide = (side: unknown) => Number.isInteger(side) && (side as number) > 0
  const fits =
    isSide(width) &&
    isSide(height) &&
    ArrayBuffer.isView(pixels) &&
    pixels.byteLength === width * height * 3
  if (fits) return photo
  throw new BrowserError(
    'BROWSER_USE',
    `${name}: width and height are positive whole numbers, and pixels width x height x 3 bytes of RGB`,
  )
}

/** Without transparency: four pixels at a time, as words of 32 bits, a fifth of the time of one by one. */
export function rgbOf({ width, height, data }: ImageData): Photo {
  const count = width * height
  const pixels = new Uint8Array(count * 3)
  const from = new Uint32Array(data.buffer, data.byteOffset, count)
  const to = new Uint32Array(pixels.buffer, 0, 3 * Math.floor(count / 4))
  // The first byte of a word is its lowest.
  for (let i = 0, at = 0; at < to.length; i += 4, at += 3) {
    const a = from[i]!
    const b = from[i + 1]!
    const c = from[i + 2]!
    const d = from[i + 3]!
    to[at] = (a & 0xffffff) | (b << 24)
    to[at + 1] = ((b >>> 8) & 0xffff) | (c << 16)
    to[at + 2] = ((c >>> 16) & 0xff) | (d << 8)
  }
  for (let i = count - (count % 4); i < count; i++)
    pixels.set(data.subarray(4 * i, 4 * i + 3), 3 * i)
  return { width, height, pixels }
}

function rgbaOf({ width, height, pixels }: Photo): ImageData {
  const image = new ImageData(width, height)
  for (let from = 0, at = 0; from < pixels.length; from += 3, at += 4) {
    image.data[at] = pixels[from]!
    image.data[at + 1] = pixels[from + 1]!
    image.data[at + 2] = pixels[from + 2]!
    image.data[at + 3] = 255
  }
  return image
}
