import type { ImageFormat } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { jpegFrame } from './jpeg.js'

/**
 * Width and height as the header of a file says them, before memory is taken for its pixels; undefined where it cannot be
 * followed, and of AVIF and TIFF.
 */
export function sizeSaid(
  format: ImageFormat,
  bytes: Uint8Array<ArrayBuffer>,
): readonly [width: number, height: number] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (format === 'jpeg') {
    const frame = jpegFrame(bytes)
    return frame && [frame.width, frame.height]
  }
  if (bytes.length < 30) return undefined
  if (format === 'png') return [view.getUint32(16), view.getUint32(20)]
  if (format === 'gif') return [view.getUint16(6, true), view.getUint16(8, true)]
  // Rows from the top to the bottom make the height negative.
  if (format === 'bmp') return [view.getInt32(18, true), Math.abs(view.getInt32(22, true))]
  if (format === 'webp') return webpSize(view)
  return undefined
}

/** By its first chunk: a canvas, lossless or lossy. */
function webpSize(view: DataView): readonly [number, number] | undefined {
  const kind = view.getUint8(15)
  if (kind === 0x58)
    return [(view.getUint32(24, true) & 0xffffff) + 1, (view.getUint32(26, true) >>> 8) + 1]
  if (kind === 0x4c) {
    const bits = view.getUint32(21, true)
    return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1]
  }
  return [view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff]
}

/** @throws BrowserError BROWSER_PHOTO */
export function checkSize(width: number, height: number, maxPixels: number, name: string): void {
  if (width * height <= maxPixels) return
  throw new BrowserError(
    'BROWSER_PHOTO',
    `${name} has ${((width * height) / 1e6).toFixed(1)} million pixels (${width} x ${height}), and ${maxPixels / 1e6} million are allowed`,
    { hint: 'Scale it down first, or allow more pixels with `maxPixels`.' },
  )
}
