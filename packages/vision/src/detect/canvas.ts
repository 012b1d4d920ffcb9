import type { Photo } from '../image/photo.js'
import { paintBilinear } from './bilinear.js'
import type { Family } from './family.js'
import { paintShrunk } from './shrink.js'

/** A photograph in a network's input: its upper left part, `scale` times as large. */
export interface Canvas {
  readonly values: Float32Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly scale: number
}

/** A photograph as `width` x `height` pixels, fewer than half its own each way: `paintShrunk` by other means. */
export type Shrink = (photo: Photo, width: number, height: number) => Promise<Photo>

/** Below it bilinear pixels would leave out some of the photograph's. */
const SMALLEST = 0.5

/**
 * Fits a photograph into `width` x `height` pixels, or into `share` of them; the rest is black. NCHW.
 *
 * @param shrink what a runtime has that is faster than `paintShrunk`: the same but for a grey level here and there
 */
export async function paint(
  photo: Photo,
  { width, height }: { width: number; height: number },
  share: number,
  { order, mean, scale: factor }: Pick<Family, 'order' | 'mean' | 'scale'>,
  shrink?: Shrink,
): Promise<Canvas> {
  const scale = Math.min((width * share) / photo.width, (height * share) / photo.height)
  const [columns, rows] = [photo.width, photo.height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  ) as [number, number]
  const isSmall = scale < SMALLEST
  const from = isSmall && shrink ? await shrink(photo, columns, rows) : photo
  const values = new Float32Array(3 * width * height)
  if (columns < width || rows < height) values.fill((0 - mean) * factor)
  const channels = order === 'RGB' ? [0, 1, 2] : [2, 1, 0]
  const resample = isSmall && !shrink ? paintShrunk : paintBilinear
  resample(from, { columns, rows }, channels, mean, factor, values, width)
  return { values, width, height, scale }
}
