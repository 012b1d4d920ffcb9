import { kindOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { checkOptions, type Kinds, listOf } from '../options.js'
import type { Metadata } from '../people/metadata.js'
import { cleanName } from '../people/names.js'
import { checkDate, checkDescription } from '../people/new.js'

/** |embedding| may differ from 1 by so much. */
const TOLERANCE = 1e-3
/** Of a face: it may become the name of a file. */
export const FACE_ID = /^[0-9a-zA-Z-]{1,64}$/

export interface NewFace {
  /** Up to 64 letters (a to z), digits and hyphens. Default: a new one. */
  readonly id?: string
  /** The person's name; who is not there yet is made. */
  readonly person: string
  /** L2-normalised, of the gallery's length. */
  readonly embedding: Float32Array
  /** Where the face comes from, for people to read; see `sources`. */
  readonly source?: string
  /** A small picture, encoded. */
  readonly thumbnail?: Uint8Array
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
  groups: 'any',
  metadata: 'any',
  photo: 'text',
  origin: 'text',
  added: 'any',
}

/** What became of a face that was given to `Gallery.add`. */
export interface Enrolled {
  /** Of the face, or of the one that was there. */
  readonly id: string
  /** False where the person has a face of this photograph, or of this embedding, already. */
  readonly added: boolean
  /** Faces of an earlier photograph of the same path, which are gone. */
  readonly replaced: readonly string[]
}

/**
 * Names and embeddings as they are stored.
 * @throws GalleryError GALLERY_EMBEDDING, GALLERY_NAME, GALLERY_USE (an id, or no such thing at all)
 */
export function checkFaces(faces: readonly NewFace[], dim: number): NewFace[] {
  return listOf(faces, 'faces').map((face) => {
    checkOptions('enroll', face, { ...FACE, embedding: 'any' })
    const person = cleanName(face.person)
    const { id, source, thumbnail, added } = face
    checkEmbedding(face.embedding, dim, source ?? person)
    if (id !== undefined) checkId(id)
    if (added !== undefined) checkDate(added)
    if (thumbnail !== undefined && !(thumbnail instanceof Uint8Array))
      throw new GalleryError('GALLERY_USE', `thumbnail: bytes, not ${kindOf(thumbnail)}`)
    return {
      ...face,
      person,
      ...checkDescription(face),
    }
  })
}

function checkId(id: string): void {
  if (FACE_ID.test(id)) return
  throw new GalleryError(
    'GALLERY_USE',
    `${JSON.stringify(id.slice(0, 80))} is no id of a face: letters a to z, digits and hyphens, up to 64`,
  )
}

export function checkEmbedding(embedding: Float32Array, dim: number, what: string): void {
  if (!(embedding instanceof Float32Array))
    throw new GalleryError(
      'GALLERY_EMBEDDING',
      `${what}: an embedding is a Float32Array, not ${kindOf(embedding)}`,
    )
  if (embedding.length !== dim)
    throw new GalleryError(
      'GALLERY_EMBEDDING',
      `${what}: an embedding of ${embedding.length} numbers; the gallery's have ${dim}`,
    )
  let square = 0
  for (const value of embedding) square += value * value
  if (!(Math.abs(Math.sqrt(square) - 1) <= TOLERANCE))
    throw new GalleryError(
      'GALLERY_EMBEDDING',
      `${what}: its embedding has length ${Math.sqrt(square)}, not 1; L2-normalise it`,
    )
}
