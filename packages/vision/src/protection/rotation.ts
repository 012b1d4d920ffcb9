import { VisionError } from '../errors.js'
import { normalsOf, wordsFor } from './normals.js'
import { dot, orthogonalOf } from './orthogonal.js'

/** Bytes of a key. */
export const ROTATION_KEY = 32

/** The largest embedding that is rotated: its matrix takes 32 MB. */
const MOST = 2048

/**
 * A secret rotation of templates: an orthogonal matrix that a key of 256 bits and a context (a gallery's id) decide, in Node
 * and in a browser to the last bit.
 *
 * Cosines of embeddings of one rotation stay what they were, to the rounding of float32; between two rotations they are those
 * of random directions, so that templates of different keys say nothing of each other one by one. A key is changed by
 * turning back with the old rotation and on with the new one.
 *
 * What it is not: it hides no secret from who has the key; as many known pairs of embedding and template as the embedding has
 * numbers give the matrix away; and angles among the templates of one key stay, so that two whole galleries of the same faces
 * can be laid over each other. It makes templates revocable; it does not encrypt them.
 */
export class Rotation {
  /** 32 hexadecimal digits that tell one rotation from another, and nothing of the key. */
  readonly id: string
  /** Numbers of an embedding. */
  readonly dimension: number
  readonly #rows: Float64Array

  private constructor(id: string, dimension: number, rows: Float64Array) {
    this.id = id
    this.dimension = dimension
    this.#rows = rows
  }

  /**
   * @param key 32 random bytes; they are read, not kept
   * @param context what the rotation is for: another one makes another, unrelated rotation of the same key
   * @throws VisionError VISION_USE: a key of another length, a dimension out of 1 .. 2048, or a page that is no secure context
   */
  static async of(key: Uint8Array, dimension: number, context: string): Promise<Rotation> {
    if (key.length !== ROTATION_KEY)
      throw new VisionError(
        'VISION_USE',
        `the key of a rotation is ${ROTATION_KEY} bytes, not ${key.length}`,
      )
    if (!Number.isInteger(dimension) || dimension < 1 || dimension > MOST)
      throw new VisionError(
        'VISION_USE',
        `an embedding of 1 to ${MOST} numbers can be rotated, not of ${dimension}`,
      )
    const count = (dimension * (dimension + 1)) / 2
    const { id, words } = await expand(key, `${dimension} ${context}`, wordsFor(count))
    return new Rotation(id, dimension, orthogonalOf(normalsOf(words, count), dimension))
  }

  /**
   * The template of an embedding, or the templates of several that lie one after the other; a new array.
   * @throws VisionError VISION_EMBEDDING: not whole embeddings of this dimension
   */
  turn(embeddings: Float32Array): Float32Array {
    return this.#each(embeddings, (from, to) => {
      const [q, n] = [this.#rows, this.dimension]
      for (let row = 0; row < n; row++) to[row] = dot(q, row * n, from, 0, n)
    })
  }

  /** The embeddings that `turn` made templates of, to the rounding of float32. */
  turnBack(templates: Float32Array): Float32Array {
    return this.#each(templates, (from, to) => {
      const [q, n] = [this.#rows, this.dimension]
      for (let row = 0; row < n; row++)
        for (let k = 0; k < n; k++) to[k]! += q[row * n + k]! * from[row]!
    })
  }

  /** @param turnOne reads one embedding, and adds what comes of it to zeros */
  #each(rows: Float32Array, turnOne: (from: Float64Array, to: Float64Array) => void): Float32Array {
    const n = this.dimension
    if (!(rows instanceof Float32Array) || rows.length % n !== 0)
      throw new VisionError(
        'VISION_EMBEDDING',
        `embeddings of ${n} numbers are rotated here, not ${rows.length}`,
      )
    const turned = new Float32Array(rows.length)
    const [from, to] = [new Float64Array(n), new Float64Array(n)]
    for (let at = 0; at < rows.length; at += n) {
      from.set(rows.subarray(at, at + n))
      turnOne(from, to.fill(0))
      turned.set(to, at)
    }
    return turned
  }
}

/** An id and uniform words of a key and what it is used for: HKDF-SHA256, then AES-256-CTR of zeros. */
async function expand(key: Uint8Array, context: string, words: number) {
  const subtle = globalThis.crypto?.subtle
  if (subtle === undefined)
    throw new VisionError(
      'VISION_USE',
      'a rotation needs the cryptography of a secure context: a page of https:// or localhost',
    )
  // A copy: what a caller writes into its key meanwhile changes nothing.
  const secret = await subtle.importKey('raw', key.slice(), 'HKDF', false, ['deriveBits'])
  const derive = async (what: string, bits: number) => {
    const info = new TextEncoder().encode(`arcface rotation 1 ${what} ${context}`)
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
    return new Uint8Array(await subtle.deriveBits(hkdf, secret, bits))
  }
  const id = [...(await derive('id', 128))].map((byte) => byte.toString(16).padStart(2, '0'))
  const stream = await subtle.importKey('raw', await derive('matrix', 256), 'AES-CTR', false, [
    'encrypt',
  ])
  const counter = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 }
  const bytes = new DataView(await subtle.encrypt(counter, stream, new Uint8Array(words * 4)))
  return {
    id: id.join(''),
    // The order of the bytes is said, not left to the machine.
    words: Uint32Array.from({ length: words }, (_, i) => bytes.getUint32(4 * i)),
  }
}
