import {
  type Alike,
  type IdentifyOptions,
  type Keeping,
  kindOf,
  type NewFace,
  SAME_PICTURE,
} from '@arcface/vision'
import { GalleryError } from '../errors.js'
import type { Gallery } from '../gallery/gallery.js'
import { checkIdentify, checkKeeping, checkOptions, cleanGroups } from '../rules.js'
import { BULK } from '../upkeep/upkeep.js'
import { look, type Photograph, photographsIn, type Skipped } from './listing.js'

/** Photographs of a commit. */
const BATCH = 32
/** Photographs whose files are looked at before those that are new are embedded. */
const LOOK = 1024
/** Of photographs (paths) a face each, or the reason why there is none. */
export type FacesOf = (
  photos: readonly string[],
) => Promise<(Pick<NewFace, 'embedding' | 'thumbnail'> | { readonly skipped: string })[]>

export interface EnrollFolderOptions extends Keeping {
  /** Of people who are not there yet, as consent and retention. */
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
    consent: 'any',
    retainUntil: 'any',
    alike: 'any',
    signal: 'signal',
    onProgress: 'function',
  })
  const { groups, alike: threshold = SAME_PICTURE, signal, onProgress } = options
  // Before an hour of embedding, not after it.
  if (groups !== undefined) cleanGroups(groups)
  const keeping = checkKeeping(options)
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
            ...keeping,
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
