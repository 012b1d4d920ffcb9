import { type ImageFormat, imageFormat, SIGNATURE } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { jpegFrame } from './jpeg.js'
import { checkSize, sizeSaid } from './size.js'
import { plainWebp } from './webp.js'

/** A decoded file, to be closed. */
export interface Decoded {
  readonly bitmap: ImageBitmap
  /** What is still to be done to it: 1 to 8, as EXIF numbers them; 1 is upright. */
  readonly orientation: number
}

/**
 * Decodes an image file as the browser can: what it is its first bytes say, as in Node.
 * @throws BrowserError BROWSER_PHOTO: no image, too large, damaged, cut short, of a kind that this browser does not read
 */
export async function decode(file: Blob, name: string, maxPixels: number): Promise<Decoded> {
  const first = await bytesOf(file.slice(0, SIGNATURE), name)
  const format = imageFormat(first)
  const refuse = (why: string, hint: string, cause?: unknown) =>
    new BrowserError('BROWSER_PHOTO', `${name} cannot be read: ${why}`, { hint, cause })
  // HEIC, of which Node says what to do, some browsers read.
  if (typeof format !== 'string' && format.instead === undefined)
    throw refuse(format.not, 'Choose a photograph.')
  try {
    // Of a JPEG the size may stand anywhere.
    const start = format === 'jpeg' ? await bytesOf(file, name) : first
    const size = typeof format === 'string' ? sizeSaid(format, start) : undefined
    if (size) checkSize(...size, maxPixels, name)
    if (format === 'webp') {
      const { bytes, orientation } = plainWebp(await bytesOf(file, name))
      return { bitmap: await createImageBitmap(new Blob([bytes])), orientation }
    }
    if (format === 'jpeg' && jpegFrame(start)?.components === 4)
      // Browsers put inks into colours each in its own way, none as Node does.
      throw refuse('its colours are inks (CMYK)', 'Make an RGB image of it.')
    return { bitmap: await createImageBitmap(file), orientation: 1 }
  } catch (cause) {
    if (cause instanceof BrowserError) throw cause
    throw typeof format === 'string'
      ? refuse(
          `${said(format)}: ${messageOf(cause)}`,
          'Replace the file, or make a JPEG of it.',
          cause,
        )
      : refuse(format.not, format.instead!, cause)
  }
}

const said = (format: ImageFormat) =>
  `it is damaged, cut short, or ${format.toUpperCase()} of a kind that this browser does not read`

async function bytesOf(file: Blob, name: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await file.arrayBuffer())
  } catch (cause) {
    throw new BrowserError('BROWSER_PHOTO', `${name} cannot be read: ${messageOf(cause)}`, {
      hint: 'Choose the file again: it was moved, changed or removed.',
      cause,
    })
  }
}
