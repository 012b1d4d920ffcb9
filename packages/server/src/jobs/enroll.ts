import {
  cleanName,
  type Gallery,
  GalleryError,
  isWithoutFace,
  newFace,
  photoHash,
} from '@arcface/gallery'
import type { Recognizer } from '@arcface/recognize'
import { type EmbedOneOptions, type NewFace, searchThreshold } from '@arcface/vision'
import type { ServerConfig } from '../config/schema.js'
import type { NewJob } from './jobs.js'
import { isOfMember, type Member, Photographs } from './zip.js'

/** Photographs of a commit. */
const BATCH = 32
/** Of a list that is told; the count is of all. */
const MOST_TOLD = 1000

export interface EnrollResult {
  readonly photos: number
  readonly enrolled: number
  /** Photographs that were there already. */
  readonly before: number
  readonly skipped: number
  readonly reasons: { readonly photo: string; readonly reason: string }[]
  /** Of others whom new faces resemble; null where that was not asked. */
  readonly alike:
    | {
        readonly person: string
        readonly photo: string | null
        readonly other: string
        readonly similarity: number
      }[]
    | null
}

/** Enrols a zip with a folder a person; what is there is told by content, so that the same zip goes on where it ended. */
export const enrollZip =
  (
    { recognizer, config }: { readonly recognizer: Recognizer; readonly config: ServerConfig },
    gallery: Gallery,
    zip: string,
    whom: Pick<NewFace, 'groups' | 'consent' | 'retainUntil'>,
    { alike: isTold, ...options }: EmbedOneOptions & { readonly alike: boolean },
  ): NewJob['work'] =>
  async (told, signal): Promise<EnrollResult> => {
    using photographs = new Photographs(zip)
    const { members } = photographs
    const result = { photos: members.length, enrolled: 0, before: 0, skipped: 0 }
    const reasons: EnrollResult['reasons'] = []
    const alike: NonNullable<EnrollResult['alike']> = []
    const skip = (photo: string, reason: string) => {
      result.skipped++
      if (reasons.length < MOST_TOLD) reasons.push({ photo, reason })
    }
    const faceOf = async ({ person, name }: Member): Promise<NewFace | undefined> => {
      const photo = await photographs.read(name, config.limits.photoBytes)
      const hash = await photoHash(photo)
      const there = hash === undefined ? undefined : (await gallery.photographs([hash])).get(hash)
      if (there?.some((one) => one.person === person)) {
        result.before++
        return undefined
      }
      const face = { person, ...whom, source: name }
      const { thumbnails } = config
      return newFace(recognizer, photo, face, { ...options, thumbnails, signal })
    }
    const threshold = searchThreshold(recognizer.thresholds)
    for (let first = 0; first < members.length && !signal.aborted; first += BATCH) {
      const faces: NewFace[] = []
      // One after the other: requests have the other cores.
      for (const member of members.slice(first, first + BATCH)) {
        if (signal.aborted) break
        try {
          cleanName(member.person, "a folder's name")
          const face = await faceOf(member)
          if (face) faces.push(face)
        } catch (error) {
          if (signal.aborted) break
          if (!isOfOne(error)) throw error
          skip(member.name, (error as Error).message)
        }
      }
      const added = await gallery.add(faces)
      const fresh = added.filter((one) => one.added).map(({ id }) => id)
      result.enrolled += fresh.length
      result.before += added.length - fresh.length
      const others = isTold ? await gallery.alike(fresh, threshold) : []
      for (const { person, source, other, similarity } of others)
        if (alike.length < MOST_TOLD) alike.push({ person, photo: source, other, similarity })
      told(result.enrolled + result.before + result.skipped, members.length)
    }
    return { ...result, reasons, alike: isTold ? alike : null }
  }

/** What is wrong with one photograph or its person's name, and keeps nobody from the others. */
const isOfOne = (error: unknown): boolean =>
  isWithoutFace(error) ||
  isOfMember(error) ||
  (error instanceof GalleryError && error.code === 'GALLERY_NAME')
