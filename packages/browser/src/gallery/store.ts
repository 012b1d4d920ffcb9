import type { GalleryModel } from '@arcface/vision'
import { checkSecure } from '../models/checksum.js'
import { type Entered, enter, type GalleryOptions, type Version, versionIn } from './about.js'
import { apply, type Change, commit, type Plan, placeOf, seal } from './change.js'
import { Database } from './database.js'
import { HeldGallery } from './held.js'
import { databaseName, whereOf } from './name.js'
import { decodeFace, decodePerson } from './records.js'
import { checkKey } from './vault.js'

/** Rows that are read in one transaction. */
const CHUNK = 1000

/**
 * The rows of a gallery in the browser: all but the pictures in memory, brought up to date whenever another tab has written;
 * writes are optimistic, and are made again where another tab's came first.
 */
export class GalleryStore {
  #held: HeldGallery
  #refreshing: Promise<void> | undefined
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly entered: Entered,
    private readonly name: string | undefined,
    private readonly database: Database,
  ) {
    this.#held = new HeldGallery(this.model.dim)
  }

  get model(): GalleryModel {
    return this.entered.model
  }

  get encrypted(): boolean {
    return this.entered.encrypted
  }

  /** What messages call it. */
  get where(): string {
    return this.database.where
  }

  /**
   * Opens a gallery, or makes one.
   * @param onGone called when a call is refused with BROWSER_GALLERY_GONE
   * @throws BrowserError BROWSER_GALLERY_MODEL, BROWSER_GALLERY_FORMAT, BROWSER_GALLERY_KEY, BROWSER_GALLERY_BLOCKED,
   *   BROWSER_STORAGE, BROWSER_INSECURE, BROWSER_USE
   */
  static async open(
    given: GalleryModel,
    options: GalleryOptions,
    onGone: () => void,
  ): Promise<GalleryStore> {
    checkSecure()
    if (options.key !== undefined) checkKey(options.key)
    const database = await Database.open(databaseName(options.name), whereOf(options.name), onGone)
    try {
      return new GalleryStore(await enter(database, given, options), options.name, database)
    } catch (error) {
      database.close()
      throw error
    }
  }

  /** All that was written before this call, by whichever tab. */
  async current(): Promise<HeldGallery> {
    const wanted = await this.database.transaction('readonly', ['about'], versionIn)
    if (wanted.id !== this.entered.id)
      throw this.database.lost('was empty, and was given to another model in another tab')
    while (this.#held.version < wanted.version) {
      this.#refreshing ??= this.#refresh().finally(() => {
        this.#refreshing = undefined
      })
      await this.#refreshing
    }
    return this.#held
  }

  /** Writes what a plan makes of the gallery as it is, after the writes that were asked for before. */
  write<T>(planning: Planning<T> | Promise<Planning<T>>): Promise<T> {
    const writing = this.#queue.then(async () => {
      const plan = await planning
      for (;;) {
        const held = await this.current()
        const { change, result } = plan(held)
        if (isNothing(change)) return result
        const sealed = await seal(change, held, this.entered.vault)
        if (!(await commit(this.database, this.entered.id, sealed))) continue // another tab was first
        apply(held, sealed)
        tellTabs(this.name)
        return result
      }
    })
    this.#queue = writing.catch(() => {})
    return writing
  }

  /** Pictures by their rows; those that are gone meanwhile are left out. */
  async pictures(rows: readonly number[]): Promise<Map<number, Uint8Array>> {
    const sealed = await this.database.transaction('readonly', ['thumbnails'], (transaction) =>
      Promise.all(rows.map((row) => transaction.get<Uint8Array<ArrayBuffer>>('thumbnails', row))),
    )
    const found = await Promise.all(
      rows.flatMap((row, i) => {
        const bytes = sealed[i]
        const opened = async () =>
          [row, await this.entered.vault.open(placeOf('thumbnails', row), bytes!)] as const
        return bytes ? [opened()] : []
      }),
    )
    return new Map(found)
  }

  /** Waits for the writes under way. */
  async close(): Promise<void> {
    await this.#queue
    this.database.close()
  }

  /** Rows are given once and never change: what is new are those from the next one on, what is gone is no longer there. */
  async #refresh(): Promise<void> {
    const news = new HeldGallery(this.model.dim)
    const from = { people: this.#held.next, faces: this.#held.next }
    for (;;) {
      const read = await this.database.transaction(
        'readonly',
        ['about', 'people', 'faces'],
        async (transaction) => {
          const people = await transaction.rowsFrom<Sealed>('people', from.people, CHUNK)
          const faces = await transaction.rowsFrom<Sealed>('faces', from.faces, CHUNK)
          const more = people.length === CHUNK || faces.length === CHUNK
          // The last transaction sees all of one moment.
          const there = more
            ? undefined
            : {
                ...(await versionIn(transaction)),
                people: new Set(await transaction.rows('people')),
                faces: new Set(await transaction.rows('faces')),
              }
          return { people, faces, there }
        },
      )
      // All at once, but added in the order of their rows.
      const opened = (store: 'people' | 'faces') =>
        Promise.all(
          read[store].map(([row, sealed]) => this.entered.vault.open(placeOf(store, row), sealed)),
        )
      const [people, faces] = await Promise.all([opened('people'), opened('faces')])
      for (const [i, [row]] of read.people.entries())
        news.addPerson(row, decodePerson(placeOf('people', row), people[i]!))
      for (const [i, [row]] of read.faces.entries())
        news.addFace(row, decodeFace(placeOf('faces', row), faces[i]!, this.model.dim))
      for (const store of ['people', 'faces'] as const)
        from[store] = (read[store].at(-1)?.[0] ?? from[store] - 1) + 1
      if (read.there === undefined) continue
      this.#bring(news, read.there)
      return
    }
  }

  /** Nothing waits here, so that no search sees half of it. */
  #bring(news: HeldGallery, there: Version & Readonly<Record<'people' | 'faces', Set<number>>>) {
    if (there.version <= this.#held.version) return // a write of this tab was faster
    const isFirst = this.#held.version === 0
    const held = isFirst ? news : this.#held
    if (!isFirst) held.take(news)
    for (const row of [...held.people.rows()]) if (!there.people.has(row)) held.removePerson(row)
    for (const row of [...held.faces.rows()]) if (!there.faces.has(row)) held.removeFace(row)
    held.version = there.version
    held.next = there.next
    this.#held = held
  }
}

/** Made again of what another tab has written, where that came first. */
type Planning<T> = (held: HeldGallery) => Plan<T>

type Sealed = Uint8Array<ArrayBuffer>

/** Deletes a gallery, open or not, with its key. @throws BrowserError BROWSER_STORAGE, BROWSER_GALLERY_BLOCKED */
export async function destroyGallery(name: string | undefined): Promise<void> {
  await Database.delete(databaseName(name), whereOf(name))
  tellTabs(name)
}

/** That the gallery was written: all tabs, this one too. */
function tellTabs(name: string | undefined): void {
  const channel = new BroadcastChannel(databaseName(name))
  channel.postMessage('change')
  channel.close()
}

const isNothing = ({ people = [], faces = [], gone = {} }: Change): boolean =>
  people.length + faces.length + Object.values(gone).flat().length === 0
