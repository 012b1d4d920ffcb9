import { join, sep } from 'node:path'
import { RecognizeError } from '../errors.js'
import { photosIn } from '../photo/files.js'
import type { NewFace } from './enroll.js'
import type { Gallery } from './gallery.js'

/** Photographs of a commit. */
const BATCH = 32
/** Faces of a call after which the disk is tidied at once, not with some later write. */
export const BULK = 1000
/** Of photographs (paths) a face each, or the reason why there is none. */
export type FacesOf = (
  photos: readonly string[],
) => Promise<(Pick<NewFace, 'embedding' | 'thumbnail'> | { readonly skipped: string })[]>

export interface EnrollFolderOptions {
  /** Of people who are not there yet. */
  readonly groups?: readonly string[]
  readonly signal?: AbortSignal
  /** Called after a commit: so many of the photographs are safe, or skipped. */
  readonly onProgress?: (done: number, total: number) => void
}

export interface EnrollFolderResult {
  readonly photos: number
  /** Faces added by this call. */
  readonly enrolled: number
  /** Photographs that an earlier call had enrolled. */
  readonly before: number
  readonly skipped: readonly { photo: string; reason: string }[]
  /** False after an abort: the same call goes on. */
  readonly finished: boolean
}

/**
 * Enrols `<person>/<photograph>`, one face a photograph. A face's source is its path below the
 * folder; what the gallery has from there already is passed over, so the same call goes on after an
 * interruption.
 * @throws RecognizeError RECOGNIZE_USE (no photograph), what `facesOf` throws, and as `enroll`
 */
export async function enrollFolder(
  gallery: Gallery,
  folder: string,
  facesOf: FacesOf,
  { groups, signal, onProgress }: EnrollFolderOptions = {},
): Promise<EnrollFolderResult> {
  const photos = photographsIn(folder)
  if (photos.length === 0)
    throw new RecognizeError('RECOGNIZE_USE', `${folder} holds no <person>/<photograph>`)
  const there = await gallery.sources()
  const todo = photos.filter(({ source }) => !there.has(source))
  const before = photos.length - todo.length
  const skipped: { photo: string; reason: string }[] = []
  let done = 0
  let enrolled = 0
  while (done < todo.length && !signal?.aborted) {
    const batch = todo.slice(done, done + BATCH)
    const found = await facesOf(batch.map(({ source }) => join(folder, source)))
    const faces: NewFace[] = []
    for (const [i, { person, source }] of batch.entries()) {
      const face = found[i]!
      if ('skipped' in face) skipped.push({ photo: source, reason: face.skipped })
      else faces.push({ ...face, person, source, ...(groups && { groups }) })
    }
    await gallery.enroll(faces)
    enrolled += faces.length
    done += batch.length
    onProgress?.(before + done, photos.length)
  }
  if (enrolled >= BULK) await gallery.tidy()
  return { photos: photos.length, enrolled, before, skipped, finished: done === todo.length }
}

interface Photograph {
  person: string
  /** Path below the folder, with slashes. */
  source: string
}

function photographsIn(folder: string): Photograph[] {
  return photosIn(folder).flatMap((path) => {
    const [person, ...rest] = path.split(sep)
    return rest.length > 0 ? [{ person: person!, source: [person, ...rest].join('/') }] : []
  })
}
