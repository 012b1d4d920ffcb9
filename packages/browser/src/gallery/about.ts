import type { GalleryModel } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import type { Database, StoreName } from './database.js'
import { checkModel, parseModel } from './rules.js'
import { newKey, OPEN_VAULT, type Vault, vaultOf } from './vault.js'

/** Of what lies in the records; raised where an older page would misread it. */
const FORMAT = 1

export interface GalleryOptions {
  /** Several galleries of a site have several names. Default: `people`. */
  readonly name?: string | undefined
  /** Default: true. */
  readonly encrypted?: boolean | undefined
  /** AES-GCM, to encrypt and decrypt; default: one of the gallery's own, which it keeps and no script can read. */
  readonly key?: CryptoKey | undefined
}

/** What `about` says under `gallery`, readable by whoever reads the database. */
interface About {
  readonly format: number
  readonly id: string
  readonly model: GalleryModel
  readonly encrypted: boolean
  /** Undefined where the key is the caller's, or there is none. */
  readonly key?: CryptoKey | undefined
  /** Nothing, sealed: who can open it has the key. */
  readonly check: Uint8Array<ArrayBuffer>
}

/** What `about` says under `version`. */
export interface Version {
  /** Of the gallery: one more with every write. */
  readonly version: number
  /** The row that comes next. */
  readonly next: number
}

export const versionIn = async (transaction: {
  get<T>(store: StoreName, key: string): Promise<T | undefined>
}): Promise<Version> => (await transaction.get<Version>('about', 'version'))!

/**
 * What a gallery is, and what opens its records; made where there is none.
 * @throws BrowserError BROWSER_GALLERY_MODEL, BROWSER_GALLERY_FORMAT, BROWSER_GALLERY_KEY, BROWSER_STORAGE
 */
export async function enter(
  database: Database,
  given: GalleryModel,
  options: GalleryOptions,
): Promise<{ readonly model: GalleryModel; readonly encrypted: boolean; readonly vault: Vault }> {
  const { where } = database
  const about = await aboutOf(database, given, options)
  if (about.format > FORMAT)
    throw new BrowserError(
      'BROWSER_GALLERY_FORMAT',
      `${where} has format ${about.format}; this version reads up to ${FORMAT}`,
      { hint: 'Reload the page.' },
    )
  const model = parseModel(about.model, where)
  checkModel(model, given, where)
  return { model, encrypted: about.encrypted, vault: await vaultFor(about, options, where) }
}

/** What is there, or what is made now: of two tabs that make it at once both get the first one's. */
async function aboutOf(
  database: Database,
  model: GalleryModel,
  { encrypted = true, key }: GalleryOptions,
): Promise<About> {
  const read = (mode: 'readonly' | 'readwrite', made?: About) =>
    database.transaction(mode, ['about'], async (transaction) => {
      const there = await transaction.get<About>('about', 'gallery')
      if (there || made === undefined) return there
      transaction.put('about', 'gallery', made)
      transaction.put('about', 'version', { version: 1, next: 1 } satisfies Version)
      return made
    })
  const there = await read('readonly')
  if (there) return there
  const id = crypto.randomUUID()
  const own = encrypted && key === undefined ? await newKey() : undefined
  const used = encrypted ? (key ?? own) : undefined
  const check = await (used ? vaultOf(used, id) : OPEN_VAULT).seal('check', new Uint8Array(0))
  return (await read('readwrite', { format: FORMAT, id, model, encrypted, key: own, check }))!
}

/** @throws BrowserError BROWSER_GALLERY_KEY */
async function vaultFor(
  { id, encrypted, key: own, check }: About,
  options: GalleryOptions,
  where: string,
): Promise<Vault> {
  const wrong = (why: string, hint: string, cause?: unknown) =>
    new BrowserError('BROWSER_GALLERY_KEY', `${where} ${why}`, { cause, hint })
  if (encrypted !== (options.encrypted ?? true))
    throw wrong(
      encrypted ? 'is encrypted' : 'is not encrypted',
      `Open it with \`encrypted: ${encrypted}\`; to change that, export it, destroy it and import it again.`,
    )
  if (!encrypted) return OPEN_VAULT
  if (own && options.key) throw wrong('is encrypted by a key of its own', 'Open it without `key`.')
  const key = options.key ?? own
  if (!key)
    throw wrong(
      'is encrypted by a key that is not here',
      'Open it with the `key` that it was made with; without that key nobody can read it, and it can only be destroyed.',
    )
  const vault = vaultOf(key, id)
  await vault.open('check', check).catch((cause: unknown) => {
    throw wrong(
      'is encrypted by another key',
      'Open it with the `key` that it was made with.',
      cause,
    )
  })
  return vault
}
