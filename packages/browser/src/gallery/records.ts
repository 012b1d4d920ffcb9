import type { FaceRow, PersonRow } from '@arcface/vision'
import { damaged } from './vault.js'

type Bytes = Uint8Array<ArrayBuffer>

/** A face as it is stored; its embedding lies beside it. */
export interface StoredFace extends Omit<FaceRow, 'embedding' | 'thumbnail'> {
  /** Row of its picture: that stays where it is when the face is moved. */
  readonly thumbnail: number | null
}

export interface FaceRecord {
  readonly face: StoredFace
  readonly embedding: Float32Array
}

export const encodePerson = (person: PersonRow): Bytes =>
  new TextEncoder().encode(JSON.stringify(person))

/** @throws BrowserError BROWSER_GALLERY_DAMAGED */
export const decodePerson = (place: string, bytes: Bytes): PersonRow =>
  decoding(place, () => JSON.parse(new TextDecoder().decode(bytes)))

/** The length of the text (uint32), the text, the embedding (float32); little-endian. */
export function encodeFace({ face, embedding }: FaceRecord): Bytes {
  const text = new TextEncoder().encode(JSON.stringify(face))
  const bytes = new Uint8Array(4 + text.length + embedding.byteLength)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, 4)
  bytes.set(
    new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength),
    4 + text.length,
  )
  return bytes
}

/** @throws BrowserError BROWSER_GALLERY_DAMAGED */
export const decodeFace = (place: string, bytes: Bytes, dim: number): FaceRecord =>
  decoding(place, () => {
    const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    if (bytes.length !== end + 4 * dim) throw new Error('it has another length')
    const face = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))) as StoredFace
    return { face, embedding: new Float32Array(bytes.slice(end).buffer) }
  })

function decoding<T>(place: string, decode: () => T): T {
  try {
    return decode()
  } catch (cause) {
    throw damaged(place, cause)
  }
}
