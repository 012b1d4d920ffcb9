// The file of a gallery's keys, as bytes: a head of JSON, then a slot of one size for each key that a person ever had. A slot
// is written once, and overwritten where it lies when the key is destroyed; its number is never another key's.

import { GalleryError } from '../errors.js'
import { KEY_BYTES, OVERHEAD } from './cipher.js'

export const HEAD_BYTES = 4096
const STATE = 4
const PERSON = 16
export const SLOT_BYTES = STATE + PERSON + KEY_BYTES + OVERHEAD

const FORMAT = 1

/** What a slot holds; of `erasing` the key is destroyed, and rows of the person may be there yet. */
export const State = { destroyed: 0, live: 1, erasing: 2 } as const

export interface Head {
  readonly format: number
  /** Of the gallery, which its tables name too. */
  readonly gallery: string
  /** `MasterKey.id` */
  readonly master: string
  /** The gallery's key, wrapped by the master key: base64. */
  readonly key: string
  /** What tokens are made of, sealed by the gallery's key: base64. It stays when the keys are changed. */
  readonly secret: string
}

export function bytesOfHead(head: Omit<Head, 'format'>): Buffer {
  const text = Buffer.from(`${JSON.stringify({ format: FORMAT, ...head })}\n`)
  if (text.length > HEAD_BYTES)
    throw new GalleryError(
      'GALLERY_KEY',
      'what the master key has wrapped is longer than 2,000 bytes',
    )
  return Buffer.concat([text, Buffer.alloc(HEAD_BYTES - text.length, ' ')])
}

/** @throws GalleryError GALLERY_DAMAGED, GALLERY_FORMAT */
export function headOf(bytes: Buffer, called: string): Head {
  let head: Partial<Head> | undefined
  try {
    head = JSON.parse(bytes.toString('utf8', 0, HEAD_BYTES))
  } catch {
    // Said below.
  }
  const texts = [head?.gallery, head?.master, head?.key, head?.secret]
  if (bytes.length < HEAD_BYTES || texts.some((one) => typeof one !== 'string'))
    throw damagedKeys(called, 'is no file of keys, or was cut')
  if (head!.format !== FORMAT)
    throw new GalleryError(
      'GALLERY_FORMAT',
      `${called}: its file of keys has format ${head!.format}; this version reads ${FORMAT}. Install a newer one.`,
    )
  return head as Head
}

export function bytesOfSlot(person: string, wrapped: Buffer): Buffer {
  const bytes = Buffer.alloc(SLOT_BYTES)
  bytes[0] = State.live
  Buffer.from(person.replaceAll('-', ''), 'hex').copy(bytes, STATE)
  wrapped.copy(bytes, STATE + PERSON)
  return bytes
}

/** What is left of a slot whose person is being erased. */
export function bytesOfErasing(person: string): Buffer {
  const bytes = bytesOfSlot(person, Buffer.alloc(KEY_BYTES + OVERHEAD))
  bytes[0] = State.erasing
  return bytes
}

export interface Slot {
  readonly state: number
  readonly person: string
  readonly wrapped: Buffer
}

export function slotOf(bytes: Buffer): Slot {
  const hex = bytes.toString('hex', STATE, STATE + PERSON)
  const person = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return { state: bytes[0]!, person, wrapped: bytes.subarray(STATE + PERSON) }
}

export const damagedKeys = (called: string, why: string) =>
  new GalleryError('GALLERY_DAMAGED', `${called}: its file 'keys' ${why}`, {
    hint: 'Take the gallery with its keys from one backup: keys of another day open only what was there then.',
  })
