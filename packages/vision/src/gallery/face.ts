import { type Kinds, kindOf } from '../options.js'
import type { ArgumentRules } from './arguments.js'
import type { Keeping } from './consent.js'
import type { Metadata } from './metadata.js'
import type { NameRules } from './names.js'
import { DESCRIPTION, type PersonRules } from './person.js'
import type { GalleryRefusal } from './refuse.js'

/** |embedding| may differ from 1 by so much. */
const TOLERANCE = 1e-3
/** Of a face: it may become the name of a file. */
export const FACE_ID = /^[0-9a-zA-Z-]{1,64}$/

export interface NewFace extends Keeping {
  /** Up to 64 letters (a to z), digits and hyphens. Default: a new one. */
  readonly id?: string
  /** The person's name; who is not there yet is made. */
  readonly person: string
  /** L2-normalised, of the gallery's length. */
  readonly embedding: Float32Array
  /** Where the face comes from, for people to read; see `sources`. */
  readonly source?: string
  /** A small picture, encoded. */
  readonly thumbnail?: Uint8Array | undefined
  /** Of a new person; those of one who is there are left as they are (see `describe`). */
  readonly groups?: readonly string[]
  /** Anything that JSON can hold; of a new person, as `groups`. */
  readonly metadata?: Metadata
  /** sha-256 of the photograph's file, hexadecimal: one that is there already for this person is not added again. */
  readonly photo?: string
  /** Path of the photograph: a face of this person from the same path and of another photograph is replaced. */
  readonly origin?: string
  /** When it came into a gallery. Default: now. */
  readonly added?: Date
}

/** Of a new face but its embedding. */
export const FACE: Kinds<Omit<NewFace, 'embedding'>> = {
  id: 'text',
  person: 'text',
  source: 'text',
  thumbnail: 'any',
  ...DESCRIPTION,
  photo: 'text',
  origin: 'text',
  added: 'any',
}

/** What became of a face that was given to a gallery. */
export interface Enrolled {
  /** Of the face, or of the one that was there. */
  readonly id: string
  /** False where the person has a face of this photograph, or of this embedding, already. */
  readonly added: boolean
  /** Faces of an earlier photograph of the same path, which are gone. */
  readonly replaced: readonly string[]
}

/** A face of a gallery, without its embedding and its picture. */
export interface GalleryFace {
  readonly id: string
  /** The person's name. */
  readonly person: string
  readonly source: string | null
  /** sha-256 of the photograph's file, hexadecimal; `null` where it is not known. */
  readonly photo: string | null
  /** When it came into the gallery. */
  readonly added: Date
}

/** A part of a person's faces, in the order in which they came, and of their ids where they came together. */
export interface FacesPage {
  /** Those behind this one: the last of the page before, whether still there or not. */
  readonly after?: Pick<GalleryFace, 'id' | 'added'>
  /** At most so many. Default: all. */
  readonly limit?: number
}

/** A face as it is stored, without its person's groups. */
export interface FaceRow {
  id: string
  /** The person's id. */
  person: string
  embedding: Float32Array
  source: string | null
  thumbnail: Uint8Array | null
  /** Milliseconds since 1970. */
  added: number
  /** sha-256 of the photograph's file. */
  photo: string | null
  /** sha-256 of the embedding's bytes. This and its two neighbours are null in galleries of before. */
  print: string | null
  /** Path of the photograph when it was enrolled with its folder. */
  origin: string | null
}

/** What of a face is listed. */
export type ListedRow = Pick<FaceRow, 'id' | 'source' | 'added'> & { photo?: string | null }

export const galleryFace = (
  { id, source, photo = null, added }: ListedRow,
  person: string,
): GalleryFace => ({ id, person, source, photo, added: new Date(added) })

/** Rules of faces, as they come and as they are asked for. */
export const faceRules = (
  refuse: GalleryRefusal,
  { checkOptions, checkCount, checkDate, listOf }: ArgumentRules,
  { cleanName }: NameRules,
  { checkDescription }: PersonRules,
) => {
  /** Names and embeddings as they are stored. Throws EMBEDDING, NAME, METADATA, CONSENT, USE (an id, or no such thing at all). */
  function checkFaces(faces: readonly NewFace[], dim: number): NewFace[] {
    return listOf(faces, 'faces').map((face) => {
      checkOptions('enroll', face, { ...FACE, embedding: 'any' })
      const person = cleanName(face.person)
      const { id, source, thumbnail, added } = face
      checkEmbedding(face.embedding, dim, source ?? person)
      if (id !== undefined) checkId(id)
      if (added !== undefined) checkDate(added, 'added')
      if (thumbnail !== undefined && !(thumbnail instanceof Uint8Array))
        throw refuse('USE', `thumbnail: bytes, not ${kindOf(thumbnail)}`)
      return { ...face, person, ...checkDescription(face) }
    })
  }

  function checkId(id: string): void {
    if (FACE_ID.test(id)) return
    throw refuse(
      'USE',
      `${JSON.stringify(id.slice(0, 80))} is no id of a face: letters a to z, digits and hyphens, up to 64`,
    )
  }

  /** L2-normalised, `dim` numbers. Throws EMBEDDING. */
  function checkEmbedding(embedding: Float32Array, dim: number, what: string): void {
    if (!(embedding instanceof Float32Array))
      throw refuse('EMBEDDING', `${what}: an embedding is a Float32Array, not ${kindOf(embedding)}`)
    if (embedding.length !== dim)
      throw refuse(
        'EMBEDDING',
        `${what}: an embedding of ${embedding.length} numbers; the gallery's have ${dim}`,
      )
    let square = 0
    for (const value of embedding) square += value * value
    if (!(Math.abs(Math.sqrt(square) - 1) <= TOLERANCE))
      throw refuse(
        'EMBEDDING',
        `${what}: its embedding has length ${Math.sqrt(square)}, not 1; L2-normalise it`,
      )
  }

  /** Throws USE. */
  function checkFacesPage(page: FacesPage): void {
    checkOptions('faces', page, { after: 'any', limit: 'number' })
    checkCount(page.limit, 'limit')
    const { after } = page
    if (after === undefined) return
    const { id, added } = after ?? {}
    if (typeof id === 'string' && added instanceof Date && Number.isFinite(added.getTime())) return
    throw refuse('USE', `after: a face's id and added, not ${kindOf(after)}`)
  }

  return { checkFaces, checkEmbedding, checkFacesPage }
}

export type FaceRules = ReturnType<typeof faceRules>
