import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Limit } from '@arcface/vision'
import type { FastifyBaseLogger } from 'fastify'
import { ServerError } from '../errors.js'
import { type Followed, follow } from '../follow/follow.js'
import { type CheckedKey, idOf, isSame, type Key, normalKey, stateOf } from './key.js'
import { KeyFile, type WantedKey } from './key-file.js'
import type { Principal } from './principal.js'
import { isSecret, nobody } from './secret.js'

/** Proofs: each takes a core and 32 MB. */
const AT_ONCE = 2
/** With those that wait. */
const MOST = AT_ONCE + 32

type Log = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>

/**
 * The keys that a server takes, as its file has them now: a change is seen within seconds.
 *
 * A secret is proven by scrypt, once: from then on a keyed digest of it, which only this process can make, is compared. To
 * refuse a key costs a scrypt, and the same one for every reason.
 */
export class Keys {
  #keys = new Map<string, Key>()
  #inForce = false
  #dummy = nobody()
  #followed: Followed | undefined
  /** By id, of keys whose secret was proven. */
  readonly #proven = new Map<string, { readonly digest: Buffer; readonly hash: Uint8Array }>()
  readonly #proving = new Map<string, Promise<CheckedKey>>()
  readonly #limit = new Limit(AT_ONCE)
  readonly #processKey = randomBytes(32)
  readonly #none = randomBytes(32)

  private constructor(
    private readonly file: KeyFile,
    private readonly log: Log,
  ) {}

  /** @throws ServerError SERVER_KEYS: there is a file that cannot be read, which is not as if there were none */
  static async open(path: string, log: Log): Promise<Keys> {
    const keys = new Keys(new KeyFile(path), log)
    keys.#followed = await follow(
      [path],
      () => keys.#read(),
      (err) => log.error({ err }, 'the keys stay what they were: their file cannot be read'),
    )
    return keys
  }

  /** False while nobody has ever made a key: then none is needed. It never becomes false again. */
  get inForce(): boolean {
    return this.#inForce
  }

  /** The key, where its secret has been proven before. */
  proven(text: string): CheckedKey | undefined {
    const key = normalKey(text)
    if (key === undefined) return undefined
    const id = idOf(key)
    const record = this.#keys.get(id)
    const digest = this.#proven.get(id)?.digest ?? this.#none
    const isProven = timingSafeEqual(this.#digest(key), digest)
    return isProven && record && stateOf(record) === 'good' ? known(record) : undefined
  }

  /** The key of an id as it is now, where it is taken. */
  now(id: string): CheckedKey | undefined {
    const record = this.#keys.get(id)
    return record && stateOf(record) === 'good' ? known(record) : undefined
  }

  /** Whether who was let in would still be: without a key while none is in force. */
  takes({ key }: Principal): boolean {
    return key === null ? !this.inForce : isSame(key, this.now(key.id))
  }

  /**
   * The key that somebody has given.
   * @throws ServerError SERVER_KEY: none, a wrong one, or one that is expired or revoked, of which is told only to who has
   *   its secret; SERVER_RATE: too many are being checked
   */
  async check(text: string | undefined): Promise<CheckedKey> {
    if (text === undefined)
      throw new ServerError('SERVER_KEY', 'a key is missing', {
        hint: 'Send it as x-api-key, or as Authorization: Bearer.',
      })
    const key = normalKey(text)
    if (key === undefined) throw refused()
    const proven = this.proven(key)
    if (proven) return proven
    // Requests that come together with a new key wait for one proof.
    const digest = this.#digest(key).toString('latin1')
    let proving = this.#proving.get(digest)
    if (proving === undefined) {
      if (this.#proving.size >= MOST)
        throw new ServerError('SERVER_RATE', 'too many keys are being checked', { retryAfter: 1 })
      proving = this.#prove(key).finally(() => this.#proving.delete(digest))
      this.#proving.set(digest, proving)
    }
    return proving
  }

  /** All, without what is secret. @throws ServerError SERVER_KEYS */
  list(): CheckedKey[] {
    return (this.file.read() ?? []).map(known)
  }

  /** As `KeyFile.create`; it is taken at once. */
  async create(wanted: WantedKey): Promise<{ text: string; key: CheckedKey }> {
    const { text, key } = await this.file.create(wanted)
    await this.reload()
    return { text, key: known(key) }
  }

  /** As `KeyFile.revoke`; it is refused at once. */
  async revoke(id: string): Promise<CheckedKey> {
    const key = await this.file.revoke(id)
    await this.reload()
    return known(key)
  }

  /** Reads the file now. */
  async reload(): Promise<void> {
    await this.#followed?.reload()
  }

  /** Follows the file no longer. */
  close(): void {
    this.#followed?.[Symbol.dispose]()
  }

  async #prove(key: string): Promise<CheckedKey> {
    const record = this.#keys.get(idOf(key))
    const isRight = await this.#limit.run(undefined, () => isSecret(key, record ?? this.#dummy))
    // The file may have changed meanwhile.
    const now = this.#keys.get(idOf(key))
    if (!(isRight && now && record && sameBytes(now.hash, record.hash))) throw refused()
    const state = stateOf(now)
    if (state !== 'good') throw refused(now, state)
    this.#proven.set(now.id, { digest: this.#digest(key), hash: now.hash })
    return known(now)
  }

  #digest(key: string): Buffer {
    return createHmac('sha256', this.#processKey).update(key).digest()
  }

  #read(): void {
    const keys = this.file.read()
    if (keys === undefined && this.#inForce)
      this.log.warn('the file of keys is gone: all are refused')
    this.#inForce ||= keys !== undefined
    this.#keys = new Map(keys?.map((key) => [key.id, key]))
    this.#dummy = nobody(keys?.[0]?.scrypt)
    for (const [id, { hash }] of this.#proven) {
      const record = this.#keys.get(id)
      if (!record || !sameBytes(record.hash, hash)) this.#proven.delete(id)
    }
    if (keys) this.log.info({ keys: keys.length }, 'keys are read')
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

const known = ({ hash: _h, salt: _s, scrypt: _c, ...key }: Key): CheckedKey => key

const refused = (key?: Key, state?: keyof typeof TOLD): ServerError =>
  new ServerError(
    'SERVER_KEY',
    key && state ? `the key ${key.id} ${TOLD[state]}` : 'this key is not taken',
  )

const TOLD = {
  expired: 'has expired',
  revoked: 'was revoked',
} as const
