import { type Recognizer, usePhoto } from '@arcface/recognize'
import {
  type EmbedOneOptions,
  FACE_ID,
  IMAGE_SIZE,
  type NewFace,
  type OneFace,
} from '@arcface/vision'
import { GalleryError } from '../errors.js'
import type { Gallery } from '../gallery/gallery.js'
import { isWithoutFace, newFace } from '../photo/enroll.js'
import { checkModel, cleanName } from '../rules.js'
import { galleryModel } from '../store/model.js'
import { BULK } from '../upkeep/upkeep.js'
import {
  ComprefaceClient,
  type ComprefaceFace,
  type ComprefaceServer,
  Unanswered,
} from './client.js'

/** Faces of a commit, whose pictures are fetched at once. */
const BATCH = 16
/** So many pictures in succession that are not given: then it is the server, and not they. */
const FAILURES = 10

export interface ImportComprefaceOptions {
  /** Of a picture with several faces. CompreFace's collections have pictures of one. Default: `only`, it is left out. */
  readonly faces?: OneFace
  /** Add the embedding of the mirror image. */
  readonly flip?: boolean
  /** Keep the aligned faces as small pictures. CompreFace's own are not kept. */
  readonly thumbnails?: boolean
  /** Called after a commit: so many of the faces are there, or left out. */
  readonly onProgress?: (done: number, total: number) => void
}

/** What could not be taken over. */
export interface NotTakenOver {
  readonly subject: string
  /** Of the face; null where it is the subject that could not. */
  readonly face: string | null
  readonly reason: string
}

export interface ImportedCompreface {
  /** Subjects, and faces, that CompreFace has. */
  readonly subjects: number
  readonly faces: number
  /** People, and faces, added by this call. */
  readonly people: number
  readonly enrolled: number
  /** Faces that were there: of an earlier call, or the same picture. */
  readonly before: number
  readonly skipped: readonly NotTakenOver[]
  /** False after an abort: the same call goes on. */
  readonly finished: boolean
}

/**
 * Takes over the people of a running CompreFace: each subject by name, and each face by its picture, which is looked at
 * anew, since embeddings of another model are none of this one's. A face keeps its id; one whose id is there is not
 * fetched again, so that the same call goes on after an interruption. Subjects that differ from people of the gallery in
 * the case of letters only are these people, as they are to CompreFace.
 * @throws GalleryError GALLERY_SOURCE (it does not answer, or is none), GALLERY_MODEL, GALLERY_USE, and as `enroll`
 */
export async function importCompreface(
  gallery: Gallery,
  recognizer: Recognizer,
  server: ComprefaceServer,
  options: ImportComprefaceOptions = {},
): Promise<ImportedCompreface> {
  checkModel(gallery.model, galleryModel(recognizer), 'the gallery')
  const { faces: which = 'only', flip = false, thumbnails = false, onProgress } = options
  const { signal } = server
  const client = new ComprefaceClient(server)
  const skipped: NotTakenOver[] = []
  const listed = await listOf(client).catch(endedBy(signal))
  const { subjects, faces } = listed ?? { subjects: [], faces: [] }
  const names = await namesOf(
    gallery,
    [...subjects, ...faces.map(({ subject }) => subject)],
    skipped,
  )
  const people = await gallery.addPeople([...new Set(names.values())].map((name) => ({ name })))
  const look = { faces: which, flip, thumbnails }
  let [done, enrolled, before, failures] = [0, 0, 0, 0]
  for (let first = 0; first < faces.length && !signal?.aborted; first += BATCH) {
    const batch = faces.slice(first, first + BATCH)
    const there = new Set((await gallery.facesOf(batch.map(({ id }) => id))).map(({ id }) => id))
    const results = await Promise.all(
      batch.map(async (face) => {
        const person = names.get(face.subject)
        if (there.has(face.id)) return undefined
        if (person === undefined) return { reason: 'its subject is left out' }
        return faceOf(client, recognizer, face, person, look).catch(endedBy(signal))
      }),
    )
    if (signal?.aborted) break
    const found: NewFace[] = []
    for (const [i, result] of results.entries()) {
      const { id, subject } = batch[i]!
      if (result === undefined) continue
      failures = 'unanswered' in result ? failures + 1 : 0
      if (failures >= FAILURES)
        throw new GalleryError(
          'GALLERY_SOURCE',
          `the last ${FAILURES} pictures were not given: ${(result as Left).reason}`,
        )
      if ('reason' in result) skipped.push({ subject, face: id, reason: result.reason })
      else found.push(result)
    }
    const added = (await gallery.add(found)).filter((one) => one.added).length
    enrolled += added
    before += there.size + found.length - added
    done += batch.length
    onProgress?.(done, faces.length)
  }
  if (enrolled >= BULK) await gallery.tidy()
  return {
    ...{ subjects: subjects.length, faces: faces.length, people, enrolled, before, skipped },
    finished: listed !== undefined && done === faces.length,
  }
}

const listOf = async (client: ComprefaceClient) => ({
  subjects: await client.subjects(),
  faces: await client.faces(),
})

/** How each subject is called here; who cannot be called so is left out. */
async function namesOf(
  gallery: Gallery,
  subjects: readonly string[],
  skipped: NotTakenOver[],
): Promise<Map<string, string>> {
  const written = new Map((await gallery.people()).map(({ name }) => [name.toLowerCase(), name]))
  const names = new Map<string, string>()
  for (const subject of new Set(subjects))
    try {
      const name = cleanName(subject)
      const known = written.get(name.toLowerCase()) ?? name
      written.set(name.toLowerCase(), known)
      names.set(subject, known)
    } catch (error) {
      if (!(error instanceof GalleryError)) throw error
      skipped.push({ subject, face: null, reason: error.message })
    }
  return names
}

interface Left {
  readonly reason: string
  /** The server did not give the picture. */
  readonly unanswered?: true
}

/** A face by its picture, or why there is none. */
async function faceOf(
  client: ComprefaceClient,
  recognizer: Recognizer,
  { id }: ComprefaceFace,
  person: string,
  options: EmbedOneOptions,
): Promise<NewFace | Left> {
  if (!FACE_ID.test(id)) return { reason: 'its id is none that a face may have here' }
  try {
    const picture = await client.picture(id)
    if (picture.length === 0) return { reason: 'CompreFace keeps no picture of it' }
    const name = `the picture ${id}`
    const whole = await isAligned(picture)
    const face = { id, person, source: `CompreFace ${id}` }
    // These people are enrolled already: what is good enough to be recognised is taken over.
    const taken = { purpose: 'recognition', ...options, whole } as const
    return await newFace(recognizer, Object.assign(picture, { name }), face, taken)
  } catch (error) {
    if (error instanceof Unanswered) return { reason: error.message, unanswered: true }
    if (isWithoutFace(error)) return { reason: (error as Error).message }
    throw error
  }
}

/** A server of ours keeps of a picture the aligned face: round it there is nothing to find one by. */
const isAligned = (picture: Uint8Array): Promise<boolean> =>
  usePhoto(
    picture,
    { maxPixels: IMAGE_SIZE ** 2 },
    async ({ width, height }) => width === IMAGE_SIZE && height === IMAGE_SIZE,
  ).catch(() => false)

/** After an abort nothing is wrong with who was in work. */
const endedBy = (signal: AbortSignal | undefined) => (error: unknown) => {
  if (signal?.aborted) return undefined
  throw error
}
