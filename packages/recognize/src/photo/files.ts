import { readdirSync } from 'node:fs'
import { extname, join } from 'node:path'

/** Of files that are taken for photographs. (sharp's binaries read AVIF, but no HEIC of HEVC, for which they need libvips.) */
const EXTENSIONS = new Set([
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.avif',
  '.tif',
  '.tiff',
  '.gif',
  '.heic',
  '.heif',
])

/** Paths below a folder of the photographs in it, in order of their names. @throws what the file system throws */
export function photosIn(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(below, entry.name)
      if (entry.isDirectory()) return photosIn(folder, path)
      return EXTENSIONS.has(extname(entry.name).toLowerCase()) ? [path] : []
    })
}
