import type { GalleryModel } from '@arcface/vision'
import { BrowserError } from '../errors.js'
import type { Database, StoreName, Transaction } from './database.js'
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
  /** Of the gallery; another where it was begun anew. */
  readonly id: string
  /** Of the gallery: one more with every write. */
  readonly version: number
  /** The row that comes next. */
  readonly next: number
}

export const versionIn = async (transaction: {
  get<T>(store: StoreName, key: string): Promise<T | undefined>
}): Promise<Version> => (await transaction.get<Version>('about', 'version'))!

/** What a gallery is, and what opens its records. */
export interface Entered {
  readonly id: string
  readonly model: GalleryModel
  readonly encrypted: boolean
  readonly vault: Vault
}

/**
 * What a gallery is, and what opens its records; made where there is none, and made anew where nobody is in one of another
 * model.
 * @throws BrowserError BROWSER_GALLERY_MODEL, BROWSER_GALLERY_FORMAT, BROWSER_GALLERY_KEY, BROWSER_STORAGE
 */
export async function enter(
  database: Database,
  given: GalleryModel,
  options: GalleryOptions,
): Promise<Entered> {
  const { where } = database
  let about = await aboutOf(database, given, options)
  if (about.format > FORMAT)
    throw new BrowserError(
      'BROWSER_GALLERY_FORMAT',
      `${where} has format ${about.format}; this version reads up to ${FORMAT}`,
      { hint: 'Reload the page.' },
    )
  try {
    checkModel(parseModel(about.model, where), given, where)
  } catch (error) {
    const begun = await beginAnew(database, await made(given, options))
    if (begun === undefined) throw error
    about = begun
  }
  const { id, model, encrypted } = about
  return { id, model, encrypted, vault: await vaultFor(about, options, where) }
}

/** What is there, or what is made now: of two tabs that make it at once both get the first one's. */
async function aboutOf(
  database: Database,
  model: GalleryModel,
  options: GalleryOptions,
): Promise<About> {
  const there = await database.transaction('readonly', ['about'], (transaction) =>
    transaction.get<About>('about', 'gallery'),
  )
  if (there) return there
  const about = await made(model, options)
  return database.transaction('readwrite', ['about'], async (transaction) => {
    const first = await transaction.get<About>('about', 'gallery')
    if (first) return first
    put(transaction, about, { version: 1, next: 1 })
    return about
  })
}

async function made(
  model: GalleryModel,
  { encrypted = true, key }: GalleryOptions,
): Promise<About> {
  const id = crypto.randomUUID()
  const own = encrypted && key === undefined ? await newKey() : undefined
  const used = encrypted ? (key ?? own) : undefined
  const check = await (used ? vaultOf(used, id) : OPEN_VAULT).seal('check', new Uint8Array(0))
  return { format: FORMAT, id, model, encrypted, key: own, check }
}

/** Gives a gallery in which nobody is to another model; undefined where somebody is. */
const beginAnew = (database: Database, about: About): Promise<About | undefined> =>
  database.transaction('readwrite', ['about', 'people', 'faces'], async (transaction) => {
    for (const store of ['people', 'faces'] as const)
      if ((await transaction.rowsFrom(store, 0, 1)).length > 0) return undefined
    const { version, next } = await versionIn(transaction)
    put(transaction, about, { version: version + 1, next })
    return about
  })

function put(transaction: Transaction, about: About, version: Omit<Version, 'id'>): void {
  transaction.put('about', 'gallery', about)
  transaction.put('about', 'version', { id: about.id, ...version } satisfies Version)
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
