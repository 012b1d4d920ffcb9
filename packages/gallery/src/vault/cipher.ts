import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  randomFillSync,
} from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const NONCE = 12
const TAG = 16
export const KEY_BYTES = 32
/** What sealing adds. */
export const OVERHEAD = NONCE + TAG

export const newKey = (): Buffer => randomBytes(KEY_BYTES)

/** A key of its own for a use, that tells nothing of the others. */
export const derive = (secret: Uint8Array, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `arcface vault ${use}`, KEY_BYTES))

/**
 * AES-256-GCM with a random nonce: nonce, ciphertext, tag.
 * @param about what it is and where it stands, so that it opens nowhere else
 * @param space bytes that are left free before it
 */
export function seal(key: Uint8Array, about: string, plain: Uint8Array, space = 0): Buffer {
  const sealed = Buffer.allocUnsafe(space + plain.length + OVERHEAD)
  const nonce = sealed.subarray(space, space + NONCE)
  randomFillSync(nonce)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG })
  cipher.setAAD(Buffer.from(about))
  cipher.update(plain).copy(sealed, space + NONCE)
  cipher.final()
  cipher.getAuthTag().copy(sealed, sealed.length - TAG)
  return sealed
}

/** What `seal` was given; `undefined` where it was another key, another place, or other bytes. */
export function open(key: Uint8Array, about: string, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < OVERHEAD) return undefined
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE), { authTagLength: TAG })
  decipher.setAAD(Buffer.from(about))
  decipher.setAuthTag(sealed.subarray(-TAG))
  const plain = decipher.update(sealed.subarray(NONCE, -TAG))
  try {
    decipher.final()
    return plain
  } catch {
    return undefined
  }
}

/** A value to be found by, without the value: HMAC-SHA-256, of which 128 bits are kept. */
export const tokenOf = (key: Uint8Array, column: string, value: string): string =>
  createHmac('sha256', key)
    .update(`${column}\0${value}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url')
