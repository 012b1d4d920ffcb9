import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type CheckedKey, isSame } from './key.js'
import { makeRoom } from './room.js'

/** From the sign-in, and from the last request; in milliseconds. */
const LONGEST = 12 * 3_600_000
const IDLE = 2 * 3_600_000
const MOST = { ofOne: 50, ofAll: 10_000 }

/** Whether a key is taken as it was. */
interface Keys {
  now(id: string): CheckedKey | undefined
}

export interface Session {
  readonly key: CheckedKey
  /** What an unsafe request brings beside the cookie. */
  readonly csrf: string
}

interface Kept {
  readonly key: CheckedKey
  readonly csrf: string
  readonly began: number
  seen: number
}

/**
 * Who has signed in with a key by a page: kept by this process, by a digest of what the cookie holds, until the session is
 * ended, idle for two hours or twelve hours old, or its key is taken no more.
 */
export class Sessions {
  readonly #kept = new Map<string, Kept>()

  constructor(
    private readonly keys: Keys,
    private readonly now: () => number = Date.now,
  ) {}

  /** @returns what the cookie is to hold, and the token */
  begin(key: CheckedKey): { id: string; csrf: string } {
    const id = randomBytes(32).toString('base64url')
    const csrf = randomBytes(32).toString('base64url')
    this.#forget(key.id)
    this.#kept.set(digest(id), { key, csrf, began: this.now(), seen: this.now() })
    return { id, csrf }
  }

  /** The session of a cookie, while it lasts; with its key as it is now. */
  find(id: string): Session | undefined {
    const name = digest(id)
    const kept = this.#kept.get(name)
    if (kept === undefined) return undefined
    const key = this.#keyOf(kept)
    if (key === undefined) {
      this.#kept.delete(name)
      return undefined
    }
    kept.seen = this.now()
    return { key, csrf: kept.csrf }
  }

  end(id: string): void {
    this.#kept.delete(digest(id))
  }

  #keyOf({ key, began, seen }: Kept): CheckedKey | undefined {
    const now = this.now()
    if (now - began > LONGEST || now - seen > IDLE) return undefined
    const current = this.keys.now(key.id)
    return isSame(key, current) ? current : undefined
  }

  #forget(key: string): void {
    for (const [name, kept] of this.#kept) if (!this.#keyOf(kept)) this.#kept.delete(name)
    makeRoom(this.#kept, (kept) => kept.key.id === key, MOST)
  }
}

const digest = (id: string) => createHash('sha256').update(id).digest('base64')

/** Compares in constant time. */
export function isToken(given: string | undefined, csrf: string): boolean {
  if (given === undefined) return false
  const [a, b] = [given, csrf].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}
