import type { Shrink } from '@arcface/vision'
import sharp from 'sharp'

/** By libvips, in a thread beside this one. */
export const shrinkPhoto: Shrink = async (photo, width, height) => {
  const raw = { width: photo.width, height: photo.height, channels: 3 as const }
  const pixels = await sharp(photo.pixels, { raw, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  return { width, height, pixels }
}
