import sharp from 'sharp'
import { type PhotoOptions, usePhoto } from './photo.js'
import type { PhotoSource } from './source.js'

/**
 * A photograph made small, as a JPEG for people to look at: upright, in sRGB, within a square, and no larger than it is.
 * @param side of the square, in pixels
 * @throws as `readPhoto`
 */
export const smallPhoto = (
  source: PhotoSource,
  side: number,
  options: PhotoOptions = {},
): Promise<Uint8Array> =>
  usePhoto(source, options, ({ width, height, pixels }) =>
    sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 85 })
      .toBuffer(),
  )
