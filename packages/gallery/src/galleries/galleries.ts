import { join } from 'node:path'
import type { GalleryModel } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { type Gallery, openGallery } from '../gallery/gallery.js'
import { storeOf } from '../gallery/reader.js'
import { checkStorage, isRemote, placeOf } from '../store/place.js'
import { refuseRemote, type StoreOptions } from '../store/store.js'
import { guard } from '../store/trouble.js'
import { hasKeys } from '../vault/key-file.js'
import { masterKeyOf } from '../vault/master.js'
import { Folders } from './folders.js'
import { ListedPlaces } from './listed.js'
import { checkGalleryName, exists } from './name.js'
import type { Place, Places } from './places.js'

interface Open {
  readonly place: Place
  readonly gallery: Promise<Gallery>
}

/**
 * Opens the galleries below a folder, which is made where none is, or below an address of object storage (`s3://...`), where
 * other processes and machines may use them at the same time: a table there, `galleries`, lists them.
 * @throws GalleryError GALLERY_ACCESS, GALLERY_KEY, GALLERY_STORE, GALLERY_USE
 */
export async function openGalleries(
  root: string | URL,
  options: Omit<StoreOptions, 'model' | 'called'> = {},
): Promise<Galleries> {
  const where = placeOf(root)
  checkStorage(options.storage)
  if (options.key !== undefined && isRemote(where)) throw refuseRemote(where)
  const key = options.key && (await masterKeyOf(options.key))
  const rotation = options.rotation && (await masterKeyOf(options.rotation))
  const places = await guard(where, async () =>
    isRemote(where) ? ListedPlaces.open(where, options.storage) : new Folders(where),
  )
  return new Galleries(where, places, { ...options, key, rotation })
}

/**
 * Galleries by name, each opened when it is first asked for and shared from then on. Other processes may make and delete
 * galleries beside this one. Methods throw as `openGallery`, and GALLERY_NAME for what is no name of a gallery.
 */
export class Galleries {
  readonly #opened = new Map<string, Open>()
  /** By name, of those that are being made or deleted: one thing after the other. */
  readonly #changing = new Map<string, Promise<unknown>>()
  #closed = false

  constructor(
    private readonly where: string,
    private readonly places: Places,
    private readonly options: Omit<StoreOptions, 'model' | 'called'>,
  ) {}

  /** Their names, in order. */
  list(): Promise<string[]> {
    this.checkOpen()
    return guard(this.where, () => this.places.list())
  }

  /** Names of those that are not encrypted. */
  async plain(): Promise<string[]> {
    return (await this.list()).filter((name) => !hasKeys(join(this.where, name)))
  }

  /** Those that were asked for, by name: none is opened for it. */
  async opened(): Promise<Map<string, Gallery>> {
    this.checkOpen()
    const found = await Promise.all(
      [...this.#opened].map(async ([name, { gallery }]) => {
        const opened = await gallery.catch(() => undefined)
        return opened ? ([[name, opened]] as const) : []
      }),
    )
    return new Map(found.flat())
  }

  /** A gallery, which stays this object's: it is not to be closed. @throws GalleryError GALLERY_MISSING */
  async get(name: string): Promise<Gallery> {
    this.checkOpen()
    checkGalleryName(name)
    await this.#changing.get(name)
    return this.#get(name)
  }

  async #get(name: string): Promise<Gallery> {
    const place = await this.#find(name)
    // What is opened after the end nobody would close.
    this.checkOpen()
    const open = this.#opened.get(name)
    if (open !== undefined && open.place.mark === place?.mark) return open.gallery
    if (open) void this.#forget(name, open, missing(name))
    if (place === undefined) throw missing(name)
    return this.#open(name, place)
  }

  /** @throws GalleryError GALLERY_EXISTS, GALLERY_MODEL */
  async create(name: string, model: GalleryModel): Promise<Gallery> {
    this.checkOpen()
    checkGalleryName(name)
    return this.#change(name, async () => {
      if (await this.#find(name)) throw exists(name)
      const options = { ...this.options, called: calledOf(name), model }
      await guard(this.where, () =>
        this.places.make(name, async (path) => (await openGallery(path, options)).close()),
      )
      return this.#get(name)
    })
  }

  /** Deletes a gallery with everybody in it, and their bytes. @throws GalleryError GALLERY_MISSING */
  async delete(name: string): Promise<void> {
    this.checkOpen()
    checkGalleryName(name)
    await this.#change(name, async () => {
      if (!(await this.#find(name))) throw missing(name)
      const open = this.#opened.get(name)
      if (open) await this.#forget(name, open, missing(name))
      try {
        await guard(this.where, () => this.places.remove(name))
      } catch (error) {
        // Another process was faster.
        throw (await this.#find(name)) ? error : missing(name)
      }
    })
  }

  /** Waits for what is under way in each of them. Calling it again does nothing. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#opened].map(([name, open]) => this.#forget(name, open)))
    this.places.close()
  }

  #find(name: string): Promise<Place | undefined> {
    return guard(this.where, () => this.places.find(name))
  }

  #open(name: string, place: Place): Promise<Gallery> {
    const gone = async () => {
      const now = await this.#find(name).catch(() => place)
      return now?.mark === place.mark ? undefined : missing(name)
    }
    const gallery = openGallery(place.path, { ...this.options, called: calledOf(name) }).then(
      (opened) => {
        storeOf(opened).gone = gone
        return opened
      },
      async (error) => {
        throw (await gone()) ?? error
      },
    )
    const open = { place, gallery }
    this.#opened.set(name, open)
    gallery.catch(() => {
      if (this.#opened.get(name) === open) this.#opened.delete(name)
    })
    return gallery
  }

  async #change<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.#changing.get(name) ?? Promise.resolve()).then(work)
    const done = mine.then(
      () => undefined,
      () => undefined,
    )
    this.#changing.set(name, done)
    void done.then(() => {
      if (this.#changing.get(name) === done) this.#changing.delete(name)
    })
    return mine
  }

  /** @param why who holds it still is told */
  async #forget(name: string, open: Open, why?: GalleryError): Promise<void> {
    if (this.#opened.get(name) === open) this.#opened.delete(name)
    await open.gallery.then(
      (gallery) => gallery.close(why),
      () => undefined,
    )
  }

  private checkOpen(): void {
    if (this.#closed) throw new GalleryError('GALLERY_USE', `${this.where}: already closed`)
  }
}

/** Who asks for it by its name does not learn where it lies. */
const calledOf = (name: string) => `the gallery ${name}`

const missing = (name: string) => new GalleryError('GALLERY_MISSING', `there is no gallery ${name}`)
