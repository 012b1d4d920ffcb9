import { createRequire } from 'node:module'
import type { ImageRef } from './source.js'

/** The add-on of `packages/data/native`. Its calls return when the image is there. */
interface JpegAddon {
  /** libjpeg-turbo and its version. */
  version: string
  decode(bytes: Uint8Array, out: Uint8Array, mirror: boolean): boolean
  decodeFile(
    path: string,
    offset: number,
    length: number,
    out: Uint8Array,
    mirror: boolean,
  ): boolean
}

const addon = load()

/** What decodes ordinary JPEGs: `libjpeg-turbo 2.1.5`, or `sharp` where the add-on was not built. */
export const jpegDecoder: string = addon?.version ?? 'sharp'

/**
 * Decodes an aligned face, on this thread, by libjpeg-turbo: the bytes that sharp gives, several times faster.
 *
 * @param source a file, a record, or encoded bytes
 * @param out IMAGE_BYTES bytes that receive the image, RGB, HWC
 * @param mirror whether to mirror it
 * @returns false, with `out` undefined, for everything but a whole, ordinary JPEG of 112 x 112 pixels, and always
 *   without the add-on: then sharp decodes, or says what is wrong
 */
export function decodeJpeg(
  source: ImageRef | Uint8Array,
  out: Uint8Array,
  mirror = false,
): boolean {
  if (addon === null) return false
  if (source instanceof Uint8Array) return addon.decode(source, out, mirror)
  const { path, offset = -1, length = 0 } = source
  return addon.decodeFile(path, offset, length, out, mirror)
}

/** Null where it was not built, or where its libjpeg is missing: sharp does all that it does. */
function load(): JpegAddon | null {
  try {
    return createRequire(import.meta.url)('../../build/arcface_jpeg.node') as JpegAddon
  } catch {
    return null
  }
}
