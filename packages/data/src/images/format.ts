import { extname } from 'node:path'

/** Endings of files that are taken for images, the usual ones first; what they are, `imageFormat` says. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  '.jpg',
  '.png',
  '.jpeg',
  '.webp',
  '.jfif',
  '.avif',
  '.tif',
  '.tiff',
  '.gif',
  '.bmp',
]

/** Whether a path ends as an image does. */
export const isImageName = (path: string): boolean =>
  IMAGE_EXTENSIONS.includes(extname(path).toLowerCase())
