import { resolve, sep } from 'node:path'
import { listPhotos } from '@arcface/recognize'
import { GalleryError } from '../errors.js'
import { photoHash } from '../faces/content.js'
import { SAME_PICTURE } from '../faces/known.js'
import type { NewFace } from '../faces/new.js'
import type { Gallery } from '../gallery/gallery.js'
import { checkOptions, kindOf } from '../options.js'
import { cleanGroups } from '../people/filter.js'
import { cleanName } from '../people/names.js'
import type { Alike } from '../search/alike.js'
import { checkIdentify, type IdentifyOptions } from '../search/identify.js'
import { BULK } from '../upkeep/upkeep.js'

/** Photographs of a commit. */
const BATCH = 32
/** Photographs whose files are looked at before those that are new are embedded. */
const LOOK = 1024
/** Of photographs (paths) a face each, or the reason why there is none. */
export type FacesOf = (
  photos: readonly string[],
) => Promise<(Pick<NewFace, 'embedding' | 'thumbnail'> | { readonly skipped: string })[]>

export interface EnrollFolderOptions {
  /** Of people who are not there yet. */
  readonly groups?: readonly string[]
  /**
   * Above which cosine a new face that is alike another person's is told; of the faces searched, as the threshold of a
   * search. Default: where it is the same picture.
   */
  readonly alike?: NonNullable<IdentifyOptions['threshold']>
  readonly signal?: AbortSignal
  /** Called after a commit: so many of the photographs are safe, or skipped. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface Skipped {
  readonly photo: string
  readonly reason: string
}

export interface EnrollFolderResult {
  /** Found as `<person>/<photograph>`. */
  readonly photos: number
  /** Faces added by this call. */
  readonly enrolled: number
  /** Faces gone because another photograph lies under the name of theirs. */
  readonly replaced: number
  /** Photographs that were there: of an earlier call or another process, or twice in the folder. */
  readonly before: number
  /** Photographs without a face, that cannot be read, or whose person cannot be called so. */
  readonly skipped: readonly Skipped[]
  /** What lies in no person's folder, is no photograph by its name, or cannot be reached. */
  readonly passedOver: readonly Skipped[]
  /** Faces added by this call that are alike another person's. */
  readonly alike: readonly Alike[]
  /** False after an abort: the same call goes on. */
  readonly finished: boolean
}

/**
 * Enrols `<person>/<photograph>`, one face a photograph. A face's source is its path below the folder. What is there
 * already is told by content (the file's sha-256, and the embedding's), so the same call goes on after an interruption,
 * another folder with the same names adds its faces, and a photograph that was replaced replaces its face.
 * @throws GalleryError GALLERY_USE (no photograph), what `facesOf` throws, and as `enroll`; what the file system
 *   throws about the folder itself
 */
export async function enrollFolder(
  gallery: Gallery,
  folder: string,
  facesOf: FacesOf,
  options: EnrollFolderOptions = {},
): Promise<EnrollFolderResult> {
  if (typeof folder !== 'string')
    throw new GalleryError('GALLERY_USE', `a folder is a path, not ${kindOf(folder)}`)
  checkOptions('enrollFolder', options, {
    groups: 'any',
    alike: 'any',
    signal: 'signal',
    onProgress: 'function',
  })
  const { groups, alike: threshold = SAME_PICTURE, signal, onProgress } = options
  // Before an hour of embedding, not after it.
  if (groups !== undefined) cleanGroups(groups)
  checkIdentify({ threshold })
  const { photos, skipped, passedOver } = photographsIn(folder)
  const total = photos.length + skipped.length
  const alike: Alike[] = []
  let [enrolled, replaced, before] = [0, 0, 0]
  const done = () => enrolled + before + skipped.length
  for (let first = 0; first < photos.length; first += LOOK) {
    if (signal?.aborted) break
    const looked = await look(photos.slice(first, first + LOOK), skipped)
    const there = await gallery.photographs(looked.flatMap(({ photo }) => photo ?? []))
    const isThere = ({ photo, person, path }: Photograph) =>
      photo !== undefined &&
      there.get(photo)?.some((one) => one.person === person || one.origin === path)
    const todo = looked.filter((one) => !isThere(one))
    before += looked.length - todo.length
    for (let next = 0; next < todo.length && !signal?.aborted; next += BATCH) {
      const batch = todo.slice(next, next + BATCH)
      const found = await facesOf(batch.map(({ path }) => path))
      const faces: NewFace[] = []
      for (const [i, { person, source, path, photo }] of batch.entries()) {
        const face = found[i]!
        if ('skipped' in face) skipped.push({ photo: source, reason: face.skipped })
        else
          faces.push({
            ...face,
            ...{ person, source, origin: path },
            ...(photo !== undefined && { photo }),
            ...(groups && { groups }),
          })
      }
      const results = await gallery.add(faces)
      const added = results.filter((one) => one.added)
      enrolled += added.length
      before += results.length - added.length
      replaced += added.reduce((sum, one) => sum + one.replaced.length, 0)
      alike.push(
        ...(await gallery.alike(
          added.map(({ id }) => id),
          threshold,
        )),
      )
      onProgress?.(done(), total)
    }
  }
  // Of who was replaced nothing stays on the disk.
  if (replaced > 0) await gallery.purge()
  else if (enrolled >= BULK) await gallery.tidy()
  const finished = done() === total
  return { photos: total, enrolled, replaced, before, skipped, passedOver, alike, finished }
}

interface Photograph {
  person: string
  /** Path below the folder, with slashes. */
  source: string
  /** The same, absolute. */
  path: string
  /** sha-256 of the file. */
  photo?: string
}

function photographsIn(folder: string) {
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
async function look(photos: readonly Photograph[], skipped: Skipped[]): Promise<Photograph[]> {
  const looked: Photograph[] = []
  for (let i = 0; i < photos.length; i += BATCH) {
    const hashes = photos.slice(i, i + BATCH).map((one) =>
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
