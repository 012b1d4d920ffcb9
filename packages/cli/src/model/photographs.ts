import { statSync } from 'node:fs'
import { join } from 'node:path'
import { printable, writeErr } from '../terminal/printable.js'

export interface Photographs {
  readonly files: string[]
  /** What of the folders is none, or cannot be reached. */
  readonly passedOver: { photo: string; reason: string }[]
}

/** Whether it is a folder, or a photograph. @throws FilesError FILES_READ where nothing is there */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return statSync(path).isDirectory()
  } catch (cause) {
    throw (await import('@arcface/files')).unreadable(path, cause)
  }
}

/** Photographs that a command was given: files as they are named, folders with all that lie below. */
export async function photographsOf(paths: readonly string[]): Promise<Photographs> {
  const { listPhotos } = await import('@arcface/recognize')
  const files: string[] = []
  const passedOver: { photo: string; reason: string }[] = []
  for (const path of paths) {
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      files.push(path)
      continue
    }
    const listed = listPhotos(path)
    files.push(...listed.photos.map((file) => join(path, file)))
    for (const one of listed.left)
      passedOver.push({ photo: join(path, one.path), reason: one.reason })
  }
  return { files, passedOver }
}

/** Says of photographs why nothing came of them, of many only the first. */
export function tellSkipped(
  verb: string,
  skipped: readonly { photo: string; reason: string }[],
  most = Number.POSITIVE_INFINITY,
): void {
  for (const { photo, reason } of skipped.slice(0, most))
    writeErr(`${verb} ${printable(photo)}: ${printable(reason)}\n`)
  if (skipped.length > most) writeErr(`... and ${skipped.length - most} more; --json names all\n`)
}
