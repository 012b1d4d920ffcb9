import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readWhole } from '@arcface/files'
import { kindOf } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { KEY_BYTES, open, seal } from './cipher.js'

/** Wraps the key of a gallery. It may lie in a key management service, which never gives it away. */
export interface MasterKey {
  /** What it is called beside what it has wrapped; no secret. */
  readonly id: string
  /** @param key 32 bytes @returns up to 2,000 bytes */
  wrap(key: Uint8Array): Promise<Uint8Array>
  /** @throws where it is none of its own */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
}

/** Where a master key comes from. */
export type KeySource =
  /** A file that holds 32 bytes, as they are, in hexadecimal or in base64. */
  | { readonly file: string }
  /** The name of a variable of the environment that holds them, in hexadecimal or in base64. */
  | { readonly env: string }
  /**
   * A command of a shell, which is run with `wrap` or `unwrap` behind it: base64 comes in at its standard input, base64 goes
   * out.
   */
  | { readonly command: string }

const ABOUT = 'arcface master key'
const HELP = 'A key is 32 random bytes: openssl rand -base64 32.'
/** A line of base64. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** @throws GalleryError GALLERY_KEY (no such key), GALLERY_USE (no such source) */
export async function masterKey(source: KeySource): Promise<MasterKey> {
  if ('file' in source) return ofBytes(readFile(source.file), source.file)
  if ('env' in source) {
    const text = process.env[source.env]
    if (text === undefined || text === '')
      throw new GalleryError('GALLERY_KEY', `the variable ${source.env} holds no key`, {
        hint: HELP,
      })
    return ofBytes(Buffer.from(text), `the variable ${source.env}`)
  }
  if ('command' in source && typeof source.command === 'string') return ofCommand(source.command)
  throw new GalleryError('GALLERY_USE', 'key: a file, env or command, or a MasterKey')
}

/** A key as a caller gives it. @throws as `masterKey` */
export async function masterKeyOf(given: MasterKey | KeySource): Promise<MasterKey> {
  if (typeof given !== 'object' || given === null)
    throw new GalleryError('GALLERY_USE', `key: a source or a MasterKey, not ${kindOf(given)}`)
  return 'unwrap' in given ? given : masterKey(given)
}

function readFile(path: string): Buffer {
  try {
    return readWhole(path, 1024)
  } catch (cause) {
    throw new GalleryError('GALLERY_KEY', `${path}: the key cannot be read`, { cause, hint: HELP })
  }
}

/** The bytes of a key are not repeated in errors. */
function ofBytes(given: Buffer, where: string): MasterKey {
  const text = given.toString('latin1').trim()
  const key =
    given.length === KEY_BYTES
      ? given
      : /^[0-9a-f]{64}$/i.test(text)
        ? Buffer.from(text, 'hex')
        : BASE64.test(text)
          ? Buffer.from(text, 'base64')
          : undefined
  if (key?.length !== KEY_BYTES)
    throw new GalleryError('GALLERY_KEY', `${where} holds no key of ${KEY_BYTES} bytes`, {
      hint: HELP,
    })
  const id = createHash('sha256').update(ABOUT).update(key).digest('hex').slice(0, 16)
  return {
    id,
    wrap: async (one) => seal(key, ABOUT, one),
    unwrap: async (wrapped) => {
      const one = open(key, ABOUT, wrapped)
      if (one) return one
      throw new Error('it was wrapped by another key')
    },
  }
}

const ofCommand = (command: string): MasterKey => ({
  id: 'command',
  wrap: (key) => run(command, 'wrap', key),
  unwrap: (wrapped) => run(command, 'unwrap', wrapped),
})

/** @throws GalleryError GALLERY_KEY: it has failed, or given no base64 */
async function run(command: string, what: 'wrap' | 'unwrap', bytes: Uint8Array): Promise<Buffer> {
  const fail = (why: string) =>
    new GalleryError('GALLERY_KEY', `the command of the key, asked to ${what}, ${why}`)
  const child = spawn(`${command} ${what}`, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const out: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stdin.on('error', () => undefined) // one that reads nothing: its answer says more
  child.stdin.end(`${Buffer.from(bytes).toString('base64')}\n`)
  const code = await new Promise<number | null>((done, failed) => {
    child.on('error', failed)
    child.on('close', done)
  }).catch((cause: Error) => {
    throw fail(`cannot be run: ${cause.message}`)
  })
  if (code !== 0) throw fail(`ended with ${code}`)
  const text = Buffer.concat(out).toString('latin1').trim()
  if (!BASE64.test(text)) throw fail('gave no line of base64')
  return Buffer.from(text, 'base64')
}
