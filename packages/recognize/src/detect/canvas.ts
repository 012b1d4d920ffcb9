import sharp from 'sharp'
import type { Photo } from '../photo/photo.js'
import type { Family } from './family.js'

/** A photograph in a network's input: its upper left part, `scale` times as large. */
export interface Canvas {
  readonly values: Float32Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly scale: number
}

/** Fits a photograph into `width` x `height` pixels, or into `share` of them; the rest is black. NCHW. */
export async function paint(
  photo: Photo,
  { width, height }: { width: number; height: number },
  share: number,
  { order, mean, scale: factor }: Pick<Family, 'order' | 'mean' | 'scale'>,
): Promise<Canvas> {
  const scale = Math.min((width * share) / photo.width, (height * share) / photo.height)
  const [w, h] = [photo.width, photo.height].map((side) => Math.max(1, Math.round(side * scale)))
  const raw = { width: photo.width, height: photo.height, channels: 3 as const }
  const pixels = await sharp(photo.pixels, { raw, limitInputPixels: false })
    .resize(w!, h!, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  const plane = width * height
  const values = new Float32Array(3 * plane).fill((0 - mean) * factor)
  const table = Float32Array.from({ length: 256 }, (_, p) => (p - mean) * factor)
  for (let channel = 0; channel < 3; channel++) {
    const from = order === 'RGB' ? channel : 2 - channel
    for (let y = 0; y < h!; y++) {
      let at = y * w! * 3 + from
      const start = channel * plane + y * width
      for (let out = start; out < start + w!; out++, at += 3) values[out] = table[pixels[at]!]!
    }
  }
  return { values, width, height, scale }
}
