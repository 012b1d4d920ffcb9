import sharp from 'sharp'
import type { Photo } from '../image/photo.js'
import { paintBilinear } from './bilinear.js'
import type { Family } from './family.js'

/** A photograph in a network's input: its upper left part, `scale` times as large. */
export interface Canvas {
  readonly values: Float32Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly scale: number
}

/** Below it bilinear pixels would leave out some of the photograph's. */
const SMALLEST = 0.5

/** Fits a photograph into `width` x `height` pixels, or into `share` of them; the rest is black. NCHW. */
export async function paint(
  photo: Photo,
  { width, height }: { width: number; height: number },
  share: number,
  { order, mean, scale: factor }: Pick<Family, 'order' | 'mean' | 'scale'>,
): Promise<Canvas> {
  const scale = Math.min((width * share) / photo.width, (height * share) / photo.height)
  const [columns, rows] = [photo.width, photo.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  ) as [number, number]
  const from = scale < SMALLEST ? await shrunk(photo, columns, rows) : photo
  const values = new Float32Array(3 * width * height)
  if (columns < width || rows < height) values.fill((0 - mean) * factor)
  const channels = order === 'RGB' ? [0, 1, 2] : [2, 1, 0]
  paintBilinear(from, { columns, rows }, channels, mean, factor, values, width)
  return { values, width, height, scale }
}

async function shrunk(photo: Photo, width: number, height: number): Promise<Photo> {
  const raw = { width: photo.width, height: photo.height, channels: 3 as const }
  const pixels = await sharp(photo.pixels, { raw, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  return { width, height, pixels }
}
