import { kindOf, type Photo } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { copyOf, stripsOf } from './parts.js'

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
  /** From the top of the picture to its bottom. */
  | { readonly kind: 'strips'; readonly strips: readonly ImageBitmap[] }
  | { readonly kind: 'rgba'; readonly data: ImageData }
  | { readonly kind: 'rgb'; readonly photo: Photo }

/** A photograph on its way, and what of it is moved. */
export interface Sending {
  readonly photo: SentPhoto
  readonly transfer: Transferable[]
}

/** What shows one picture now. */
type Shown =
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | VideoFrame
  | ImageBitmap
  | ImageData

/** Of this window or another one's. */
const tagOf = (source: unknown) => Object.prototype.toString.call(source).slice(8, -1)

/** A copy of them costs the page's thread next to nothing. */
const SHOWN = new Set([
  'HTMLVideoElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'VideoFrame',
  'ImageBitmap',
  'ImageData',
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
  if (tag === 'ImageData' && isPlain(source as ImageData)) {
    const { data, width, height } = source as ImageData
    const pixels = await copyOf(data, 4)
    const copy = new ImageData(new Uint8ClampedArray(pixels.buffer), width, height)
    return { photo: { kind: 'rgba', data: copy }, transfer: [pixels.buffer] }
  }
  const isImage = tag === 'HTMLImageElement'
  if (isImage || SHOWN.has(tag)) {
    const strips = isImage
      ? await ofImage(source as HTMLImageElement, name)
      : await ofShown(source as Shown, tag, name)
    return { photo: { kind: 'strips', strips }, transfer: strips }
  }
  if (typeof source === 'object' && source !== null && 'pixels' in source) {
    const { pixels } = source
    // What is no picture the worker refuses.
    if (!(pixels instanceof Uint8Array))
      return { photo: { kind: 'rgb', photo: source }, transfer: [] }
    const copy = await copyOf(pixels, 3)
    return { photo: { kind: 'rgb', photo: { ...source, pixels: copy } }, transfer: [copy.buffer] }
  }
  throw new BrowserError(
    'BROWSER_USE',
    `${name} is ${kindOf(source)}; give a Blob, a File, bytes, ImageData, an ImageBitmap, an <img>, <video> or <canvas>, or { width, height, pixels } in RGB`,
  )
}

/** Bytes of sRGB; others are converted as a bitmap, and none, whose memory was moved elsewhere, are refused so. */
const isPlain = ({ data, colorSpace }: ImageData) =>
  data instanceof Uint8ClampedArray && data.length > 0 && colorSpace === 'srgb'

const unreadable = (name: string, why: string, cause?: unknown) =>
  new BrowserError('BROWSER_PHOTO', `${name} cannot be read: ${why}`, { cause })

async function ofImage(image: HTMLImageElement, name: string): Promise<ImageBitmap[]> {
  await image.decode().catch((cause) => {
    throw unreadable(name, 'the <img> shows no image', cause)
  })
  return ofBitmaps(() => stripsOf(image), name)
}

async function ofShown(shown: Shown, tag: string, name: string): Promise<ImageBitmap[]> {
  if (tag === 'HTMLVideoElement' && (shown as HTMLVideoElement).readyState < 2)
    throw unreadable(name, 'the <video> has no frame yet; wait until it plays')
  return ofBitmaps(async () => [await createImageBitmap(shown)], name)
}

async function ofBitmaps(make: () => Promise<ImageBitmap[]>, name: string): Promise<ImageBitmap[]> {
  try {
    const bitmaps = await make()
    // What must not be read cannot be moved either, which is known only when it is tried.
    return structuredClone(bitmaps, { transfer: bitmaps })
  } catch (cause) {
    const { name: kind } = cause as Error
    if (kind !== 'DataCloneError' && kind !== 'SecurityError')
      throw unreadable(name, messageOf(cause), cause)
    throw new BrowserError(
      'BROWSER_PHOTO',
      `${name} cannot be read: it is of another origin, which does not allow it`,
      {
        hint: 'Let its server send Access-Control-Allow-Origin, and set `crossorigin="anonymous"` on the element.',
        cause,
      },
    )
  }
}
