import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Lock, makeFolder, messageOf, writeWhole } from '@arcface/files'
import { GalleryError } from '../errors.js'
import { normalName } from '../rules.js'

/** For another that is making the same file. */
const WAIT_MS = 10_000

/**
 * The key of who keeps people: it signs receipts (Ed25519), and marks the people in them (HMAC-SHA-256), so that nobody else
 * can tell whom one is about, or try names on it.
 */
export class ReceiptKey {
  /** DER of its SubjectPublicKeyInfo, base64: for who verifies receipts. */
  readonly publicKey: string
  readonly #secret: Buffer

  private constructor(private readonly key: KeyObject) {
    const der = createPublicKey(key).export({ type: 'spki', format: 'der' })
    this.publicKey = der.toString('base64')
    const seed = key.export({ type: 'pkcs8', format: 'der' })
    this.#secret = Buffer.from(hkdfSync('sha256', seed, '', 'arcface receipts: people', 32))
  }

  /**
   * Reads a file of PKCS #8, PEM, and makes it where none is, its owner's alone.
   * @throws GalleryError GALLERY_RECEIPT: it holds no private key of Ed25519; FilesError: it cannot be read or written
   */
  static async open(path: string): Promise<ReceiptKey> {
    if (!existsSync(path)) await make(path)
    return new ReceiptKey(privateKey(await readFile(path, 'utf8'), path))
  }

  sign(bytes: Uint8Array): Buffer {
    return sign(null, bytes, this.key)
  }

  /** What stands for a person in a receipt: of another receipt it is another. @throws GalleryError GALLERY_USE (no text) */
  markOf(receipt: string, name: string): string {
    return createHmac('sha256', this.#secret)
      .update(`${receipt}\n${normalName(name)}`)
      .digest('hex')
  }
}

/** For people to compare: sha-256 of a public key, hexadecimal. */
export const fingerprintOf = (publicKey: string): string =>
  createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex')

async function make(path: string): Promise<void> {
  makeFolder(dirname(path), 0o700)
  // Of two who make it at once both take the first's.
  using _ = await Lock.take(`${path}.lock`, { what: path, waitMs: WAIT_MS })
  if (existsSync(path)) return
  const { privateKey: key } = generateKeyPairSync('ed25519')
  const pem = key.export({ type: 'pkcs8', format: 'pem' }) as string
  writeWhole(path, Buffer.from(pem), { isPrivate: true })
}

function privateKey(pem: string, path: string): KeyObject {
  const no = (why: string, cause?: unknown) =>
    new GalleryError('GALLERY_RECEIPT', `${path} is no key for receipts: ${why}`, { cause })
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (cause) {
    throw no(messageOf(cause), cause)
  }
  if (key.asymmetricKeyType === 'ed25519') return key
  throw no(`it is of ${key.asymmetricKeyType}, not of ed25519`)
}
