import { kindOf, type Photo } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'

/** A photograph: an image file or its bytes, whatever of a page shows one, or a picture in memory. */
export type PhotoSource =
  | Blob
  | ArrayBuffer
  | Uint8Array<ArrayBuffer>
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | VideoFrame
  | Photo

/** A photograph as the worker gets it. */
export type SentPhoto =
  | { readonly kind: 'file'; readonly file: Blob; readonly name?: string | undefined }
  | { readonly kind: 'bitmap'; readonly bitmap: ImageBitmap }
  | { readonly kind: 'rgba'; readonly data: ImageData }
  | { readonly kind: 'rgb'; readonly photo: Photo }

/** A photograph on its way, and what of it is moved. */
export interface Sending {
  readonly photo: SentPhoto
  readonly transfer: Transferable[]
}

/** What shows one picture now. */
type Shown = HTMLImageElement | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | VideoFrame

/** Of this window or another one's. */
const tagOf = (source: unknown) => Object.prototype.toString.call(source).slice(8, -1)

const SHOWN = new Set([
  'HTMLImageElement',
  'HTMLVideoElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'VideoFrame',
])

/**
 * Makes a photograph ready to go to the worker: files and bytes as they are, of what is shown a copy.
 * @throws BrowserError BROWSER_PHOTO (nothing to be seen yet, of another origin), BROWSER_USE (nothing that holds an image)
 */
export async function sending(
  source: PhotoSource,
  name = 'the photograph given',
): Promise<Sending> {
  const tag = tagOf(source)
  if (tag === 'Blob') return { photo: { kind: 'file', file: source as Blob }, transfer: [] }
  if (tag === 'File') {
    const file = source as File
    return { photo: { kind: 'file', file, name: file.name }, transfer: [] }
  }
  if (tag === 'ArrayBuffer' || tag === 'Uint8Array') {
    const file = new Blob([source as ArrayBuffer | Uint8Array<ArrayBuffer>])
    return { photo: { kind: 'file', file }, transfer: [] }
  }
  if (tag === 'ImageData')
    return { photo: { kind: 'rgba', data: source as ImageData }, transfer: [] }
  // Copied: it is the caller's.
  if (tag === 'ImageBitmap')
    return { photo: { kind: 'bitmap', bitmap: source as ImageBitmap }, transfer: [] }
  if (SHOWN.has(tag)) {
    const bitmap = await bitmapOf(source as Shown, tag, name)
    return { photo: { kind: 'bitmap', bitmap }, transfer: [bitmap] }
  }
  if (typeof source === 'object' && source !== null && 'pixels' in source)
    return { photo: { kind: 'rgb', photo: source }, transfer: [] }
  throw new BrowserError(
    'BROWSER_USE',
    `${name} is ${kindOf(source)}; give a Blob, a File, bytes, ImageData, an ImageBitmap, an <img>, <video> or <canvas>, or { width, height, pixels } in RGB`,
  )
}

async function bitmapOf(shown: Shown, tag: string, name: string): Promise<ImageBitmap> {
  const refuse = (why: string, cause?: unknown) =>
    new BrowserError('BROWSER_PHOTO', `${name} cannot be read: ${why}`, { cause })
  if (tag === 'HTMLImageElement')
    await (shown as HTMLImageElement).decode().catch((cause) => {
      throw refuse('the <img> shows no image', cause)
    })
  if (tag === 'HTMLVideoElement' && (shown as HTMLVideoElement).readyState < 2)
    throw refuse('the <video> has no frame yet; wait until it plays')
  try {
    return await createImageBitmap(shown)
  } catch (cause) {
    throw refuse(messageOf(cause), cause)
  }
}
