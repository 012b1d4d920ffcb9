import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { IMAGE_EXTENSIONS } from '@arcface/data'
import { unreadable } from '@arcface/files'

/**
 * Of files that are taken for photographs, also of kinds that sharp may not read: what reads them says so. (sharp's
 * binaries read AVIF, but no HEIC of HEVC, for which they need libvips.)
 */
const EXTENSIONS = new Set([...IMAGE_EXTENSIONS, '.jpe', '.apng', '.heic', '.heif'])

export interface ListedPhotos {
  /** Paths below the folder, in order of their names. */
  readonly photos: readonly string[]
  /** What is no photograph by its name, or cannot be reached. */
  readonly left: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * The photographs below a folder. Links are followed, but not back into a folder that holds them; hidden files and
 * folders (`.DS_Store`, `._1.jpg`) are passed over.
 * @throws FilesError FILES_READ: of the folder itself
 */
export function listPhotos(folder: string): ListedPhotos {
  const photos: string[] = []
  const left: { path: string; reason: string }[] = []
  const visit = (below: string, above: readonly string[]) => {
    const here = realpathSync(join(folder, below))
    if (above.includes(here)) {
      left.push({ path: below, reason: 'a link back to a folder that it lies in' })
      return
    }
    const entries = readdirSync(join(folder, below), { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const path = join(below, entry.name)
      try {
        const kind = kindOf(folder, path, entry)
        if (kind === 'folder') visit(path, [...above, here])
        else if (kind === 'file' && isPhotoName(entry.name)) photos.push(path)
        else left.push({ path, reason: kind === 'file' ? 'no photograph by its name' : kind })
      } catch (error) {
        left.push({ path, reason: whyNot(error, entry.name) })
      }
    }
  }
  try {
    visit('', [])
  } catch (cause) {
    throw unreadable(folder, cause)
  }
  return { photos, left }
}

/** Whether it is called like a photograph. */
export const isPhotoName = (name: string): boolean => EXTENSIONS.has(extname(name).toLowerCase())

/** Paths below a folder of the photographs in it, in order of their names. @throws as `listPhotos` */
export const photosIn = (folder: string): string[] => [...listPhotos(folder).photos]

function kindOf(folder: string, path: string, entry: Dirent): string {
  const sure = (entry.isFile() || entry.isDirectory()) && !entry.name.includes('\ufffd')
  const found = sure ? entry : statSync(join(folder, path))
  if (found.isDirectory()) return 'folder'
  return found.isFile() ? 'file' : 'neither a file nor a folder'
}

function whyNot(error: unknown, name: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  // Node gives bytes that are no UTF-8 as U+FFFD, which no file is called.
  if (code === 'ENOENT' && name.includes('\ufffd')) return 'its name is no UTF-8; rename it'
  if (code === 'ENOENT') return 'a link to nothing'
  if (code === 'ELOOP') return 'a link to itself'
  return `cannot be read: ${code ?? message}`
}
