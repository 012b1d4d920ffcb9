import { kindOf } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'

type Bytes = Uint8Array<ArrayBuffer>

/** How records lie in the store. A place is said on both ways, so that a record that was moved to another is refused. */
export interface Vault {
  seal(place: string, record: Bytes): Promise<Bytes>
  /** @throws BrowserError BROWSER_GALLERY_DAMAGED */
  open(place: string, sealed: Bytes): Promise<Bytes>
}

/** Records as they are. */
export const OPEN_VAULT: Vault = {
  seal: async (_, record) => record,
  open: async (_, sealed) => sealed,
}

/** Of an initialisation vector, in front of what is sealed: 96 bits, as NIST SP 800-38D wants it. */
const IV = 12

/**
 * AES-GCM. A vector is drawn for every record: with random ones a key is good for 2^32 of them.
 * @param gallery its id: places of others are others
 */
export function vaultOf(key: CryptoKey, gallery: string): Vault {
  const parameters = (iv: Bytes, place: string): AesGcmParams => ({
    name: 'AES-GCM',
    iv,
    additionalData: new TextEncoder().encode(`${gallery}/${place}`),
  })
  return {
    async seal(place, record) {
      const iv = crypto.getRandomValues(new Uint8Array(IV))
      const sealed = await crypto.subtle.encrypt(parameters(iv, place), key, record)
      const bytes = new Uint8Array(IV + sealed.byteLength)
      bytes.set(iv)
      bytes.set(new Uint8Array(sealed), IV)
      return bytes
    },
    async open(place, sealed) {
      try {
        const { decrypt } = crypto.subtle
        const [iv, rest] = [sealed.subarray(0, IV), sealed.subarray(IV)]
        return new Uint8Array(await decrypt.call(crypto.subtle, parameters(iv, place), key, rest))
      } catch (cause) {
        throw damaged(place, cause)
      }
    },
  }
}

/** It may be used here, but its bits are told to no script. */
export const newKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])

/** @throws BrowserError BROWSER_USE */
export function checkKey(key: CryptoKey): void {
  const fits =
    key instanceof CryptoKey &&
    key.algorithm.name === 'AES-GCM' &&
    ['encrypt', 'decrypt'].every((use) => key.usages.includes(use as KeyUsage))
  if (!fits)
    throw new BrowserError(
      'BROWSER_USE',
      `gallery.key: a CryptoKey of AES-GCM that encrypts and decrypts, not ${kindOf(key)}`,
    )
}

/** @param place of the record, never what it holds */
export const damaged = (place: string, cause: unknown): BrowserError =>
  new BrowserError(
    'BROWSER_GALLERY_DAMAGED',
    `${place} of the gallery is not what was written: ${messageOf(cause) || 'it cannot be decrypted'}`,
    { cause, hint: 'Import an export of it into a new gallery (`destroy` first).' },
  )
