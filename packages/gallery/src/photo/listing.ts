import { resolve, sep } from 'node:path'
import { listPhotos } from '@arcface/recognize'
import { GalleryError } from '../errors.js'
import { photoHash } from '../faces/content.js'
import { cleanName } from '../rules.js'

/** Files that are read at once. */
const FILES = 32

export interface Skipped {
  readonly photo: string
  readonly reason: string
}

export interface Photograph {
  person: string
  /** Path below the folder, with slashes. */
  source: string
  /** The same, absolute. */
  path: string
  /** sha-256 of the file. */
  photo?: string
}

/** @throws GalleryError GALLERY_USE: there are none */
export function photographsIn(folder: string) {
  const listed = listPhotos(folder)
  const photos: Photograph[] = []
  const skipped: Skipped[] = []
  const passedOver = listed.left.map(({ path, reason }) => ({ photo: slashes(path), reason }))
  for (const file of listed.photos) {
    const source = slashes(file)
    const [name, ...rest] = source.split('/')
    if (rest.length === 0) {
      passedOver.push({ photo: source, reason: 'lies in no folder that names a person' })
      continue
    }
    try {
      photos.push({ person: cleanName(name), source, path: resolve(folder, file) })
    } catch (error) {
      if (!(error instanceof GalleryError)) throw error
      skipped.push({ photo: source, reason: error.message })
    }
  }
  if (photos.length + skipped.length > 0) return { photos, skipped, passedOver }
  const [first] = passedOver
  const example = first ? `; ${JSON.stringify(first.photo)}: ${first.reason}` : ''
  throw new GalleryError('GALLERY_USE', `${folder} holds no <person>/<photograph>${example}`)
}

const slashes = (path: string) => path.split(sep).join('/')

/** Photographs with their checksums; those that cannot be read go to `skipped`. */
export async function look(
  photos: readonly Photograph[],
  skipped: Skipped[],
): Promise<Photograph[]> {
  const looked: Photograph[] = []
  for (let i = 0; i < photos.length; i += FILES) {
    const hashes = photos.slice(i, i + FILES).map((one) =>
      photoHash(one.path).then(
        (photo) => ({ ...one, ...(photo !== undefined && { photo }) }),
        ({ message }: Error) => ({ photo: one.source, reason: `cannot be read: ${message}` }),
      ),
    )
    for (const one of await Promise.all(hashes))
      if ('reason' in one) skipped.push(one)
      else looked.push(one)
  }
  return looked
}
