import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { type Checksum, digestOf } from './checksum.js'

// Files are kept in the Cache API: it is there in workers of every browser, an entry is written whole or not at all and
// replaced in one step, tabs share it without locks of our own, and what belongs to an answer (its version) is kept with
// it. OPFS has none of these, and what it has, writing into the middle of a file, nobody needs here.

/** Of all pages of an origin; `caches.delete` with it forgets all models. */
const CACHE = 'arcface-models'

const [SHA256, CHECKSUM, VERSION] = [
  'x-arcface-sha256',
  'x-arcface-checksum',
  'x-arcface-version',
] as const

export interface KeptFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Hexadecimal. */
  readonly sha256: string
  /** What it was found to be when it came, where that was known. */
  readonly checksum?: Checksum | undefined
  /** What the server called it: its ETag, or when it was last changed. */
  readonly version?: string | undefined
}

/** Files by their address, from one visit to the next; where nothing can be kept, that is told once, and nothing is. */
export class Kept {
  #warned = false

  private constructor(
    private readonly cache: Cache | undefined,
    private readonly onWarning: (warning: BrowserError) => void,
  ) {}

  /** @param wanted false: nothing is read and nothing kept */
  static async open(wanted: boolean, onWarning: (warning: BrowserError) => void): Promise<Kept> {
    if (!wanted) return new Kept(undefined, onWarning)
    try {
      return new Kept(await caches.open(CACHE), onWarning)
    } catch (cause) {
      const kept = new Kept(undefined, onWarning)
      kept.#warn(cause)
      return kept
    }
  }

  /** Undefined too where the entry is damaged: who then brings the file again mends it. */
  async get(address: string): Promise<KeptFile | undefined> {
    try {
      const answer = isLasting(address) ? await this.cache?.match(keyOf(address)) : undefined
      if (answer === undefined) return undefined
      const bytes = new Uint8Array(await answer.arrayBuffer())
      const sha256 = await digestOf(bytes, 'sha256')
      if (sha256 !== answer.headers.get(SHA256)) return undefined
      const [checksum, version] = [CHECKSUM, VERSION].map((name) => answer.headers.get(name))
      return { bytes, sha256, checksum: checksum ?? undefined, version: version ?? undefined }
    } catch (cause) {
      this.#warn(cause)
      return undefined
    }
  }

  async put(address: string, { bytes, sha256, checksum, version }: KeptFile): Promise<void> {
    const headers = {
      'content-length': `${bytes.length}`,
      [SHA256]: sha256,
      ...(checksum !== undefined && { [CHECKSUM]: checksum }),
      ...(version !== undefined && { [VERSION]: version }),
    }
    try {
      if (isLasting(address))
        await this.cache?.put(keyOf(address), new Response(bytes, { headers }))
    } catch (cause) {
      this.#warn(cause)
    }
  }

  /** One tab after the other, so that the second finds what the first has brought; where nothing is kept, at once. */
  alone<T>(address: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.cache === undefined) return work()
    return navigator.locks.request(`${CACHE} ${address}`, { signal }, work) as Promise<T>
  }

  #warn(cause: unknown): void {
    if (this.#warned) return
    this.#warned = true
    const full = (cause as DOMException | undefined)?.name === 'QuotaExceededError'
    this.onWarning(
      new BrowserError(
        'BROWSER_STORAGE',
        full
          ? 'the storage of this site is full: its models work, and are not kept for the next visit'
          : `the browser keeps nothing for this page (${messageOf(cause)}): its models work, and come anew at each visit`,
        {
          cause,
          hint: full
            ? 'Delete what the site no longer needs, or free space on the device.'
            : 'A private window, or blocked storage of sites, does this.',
        },
      ),
    )
  }
}

/** Others, `blob:` say, name another file at each visit. */
const isLasting = (address: string) => /^https?:/.test(address)

/** A name of our own, so that no service worker that looks through all caches answers with it. */
const keyOf = (address: string) =>
  `https://models.arcface.invalid/?address=${encodeURIComponent(address)}`
