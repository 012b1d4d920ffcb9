import { join } from 'node:path'
import { makeFolder } from '@arcface/files'
import type { GalleryModel, Rotation } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { checkOptions } from '../rules.js'
import { hasKeys } from '../vault/key-file.js'
import { masterKeyOf } from '../vault/master.js'
import { makeRotation, noRotationKey, openRotation } from '../vault/rotation.js'
import { KeyGone, Vault } from '../vault/vault.js'
import { isCleaned } from './contention.js'
import { withLock } from './lock.js'
import { isMade, markOf, settleMade } from './made.js'
import { checkGivenModel } from './model.js'
import { checkStorage, holdsTables, isRemote, placeOf } from './place.js'
import { Room } from './room.js'
import { connect, createTables, type GivenKey, openTables, type Tables } from './tables.js'
import { guard } from './trouble.js'

/** How long a write waits for another process's, in milliseconds. */
const WAIT_MS = 60_000
/** A reader may meet files that a writer has just cleaned away; the next version is there already. */
const READ_ATTEMPTS = 5

export interface StoreOptions {
  readonly model?: GalleryModel
  /** In milliseconds; for how long a write waits for that of another process. Default: a minute. */
  readonly waitMs?: number
  /**
   * Up to so many faces a search compares with every one, in memory (a byte for each number of an embedding: 0.5 GB for a
   * million of 512; four where ONNX Runtime does not multiply bytes exactly, or of the first 65,536); where there are more,
   * an index on disk is searched, and of an encrypted gallery the search is refused. Default: what half of the machine's
   * memory holds, or the container's.
   */
  readonly exactFaces?: number
  /**
   * Where a search finds the embeddings themselves of those few faces that it has to look at, of a gallery that is held in
   * bytes: in `memory`, which takes four bytes more for each number, or on `disk`, which takes some milliseconds. Default:
   * memory, where an eighth of the machine's holds them.
   */
  readonly exactRows?: 'memory' | 'disk'
  /**
   * Of an encrypted gallery, and of one that is made: then it is encrypted. A plain one that is there stays so; see
   * `encryptGallery`.
   */
  readonly key?: GivenKey | undefined
  /**
   * Of a gallery whose embeddings are turned by a secret rotation, and of one that is made: then they are. One that is there
   * stays as it is. Without the key such a gallery is listed and changed, and nobody is added, found or exported.
   */
  readonly rotation?: GivenKey | undefined
  /** What errors call it. Default: where it lies. */
  readonly called?: string
  /**
   * Of object storage: options of LanceDB's engine, such as `region`, `endpoint` and `access_key_id`. What is not given is
   * taken from the environment (`AWS_...`, `GOOGLE_...`, `AZURE_...`), where secrets are better kept.
   */
  readonly storage?: Readonly<Record<string, string>>
}

/**
 * The tables of a gallery, reads that survive a writer beside them, and one writer at a time: of this process, and in a
 * folder of all. On object storage other processes write meanwhile; see `Tables.shared`.
 */
export class Store {
  private queue: Promise<unknown> = Promise.resolve()
  private readonly reads = new Set<Promise<unknown>>()
  private closed: GalleryError | undefined
  /** Of the tables that were opened: a gallery that was made anew has another. */
  private readonly mark: string
  /** Asked when something has failed: that the gallery is there no more explains it. */
  gone: () => Promise<GalleryError | undefined> = async () => undefined

  private constructor(
    readonly where: string,
    private readonly called: string,
    private readonly waitMs: number,
    readonly room: Room,
    private readonly tables: Tables,
    private readonly turning: Rotation | undefined,
  ) {
    this.mark = markOf(where)
  }

  /**
   * Opens a gallery, or makes one where none is and a model is given.
   * @throws GalleryError GALLERY_MISSING, GALLERY_MODEL, GALLERY_FORMAT, GALLERY_LOCKED,
   *   GALLERY_DISK_FULL, GALLERY_ACCESS, GALLERY_DAMAGED, GALLERY_STORE, GALLERY_USE
   */
  static async open(given: string | URL, options: StoreOptions): Promise<Store> {
    checkOptions('openGallery', options, {
      model: 'any',
      waitMs: 'number',
      exactFaces: 'number',
      exactRows: ['memory', 'disk'],
      key: 'any',
      rotation: 'any',
      called: 'text',
      storage: 'any',
    })
    const where = placeOf(given)
    const {
      model,
      key,
      rotation,
      waitMs = WAIT_MS,
      exactFaces,
      exactRows,
      storage,
      called = where,
    } = options
    if (exactFaces !== undefined && !(Number.isInteger(exactFaces) && exactFaces >= 0))
      throw new GalleryError('GALLERY_USE', `exactFaces: 0 or more, not ${exactFaces}`)
    if (!(waitMs >= 0)) throw new GalleryError('GALLERY_USE', `waitMs: 0 or more, not ${waitMs}`)
    if (model !== undefined) checkGivenModel(model)
    checkStorage(storage)
    if (key !== undefined && isRemote(where)) throw refuseRemote(called)
    const missing = () =>
      new GalleryError(
        'GALLERY_MISSING',
        `${called}: no gallery lies there; check the path, or enrol somebody with a model to make one`,
      )
    const place = { where, called }
    const tables = await guard(where, async () => {
      // Of a folder that may not be entered this throws, and does not say that nothing is there.
      if (!model && !holdsTables(where)) throw missing()
      if (!isRemote(where) && isMade(where))
        await exclusive(where, waitMs, async () => settleMade(where))
      // LanceDB would make it with the rights that others have.
      if (model && !isRemote(where)) makeFolder(where, 0o700)
      const there = await openTables(await connect(where, storage), place, model, key)
      if (there || !model) return there
      return await exclusive(where, waitMs, async () => {
        const db = await connect(where, storage)
        const meanwhile = await openTables(db, place, model, key)
        if (meanwhile) return meanwhile
        if (!key && !isRemote(where) && hasKeys(where))
          throw new GalleryError('GALLERY_KEY', `${called}: an encrypted gallery was begun there`)
        const vault = key && (await Vault.make(where, await masterKeyOf(key), called))
        const turned = rotation && (await makeRotation(await masterKeyOf(rotation), model.dim))
        await createTables(db, model, vault, turned)
        return openTables(db, place, model, key)
      })
    })
    if (!tables) throw missing()
    try {
      const turning =
        rotation && tables.rotation !== undefined
          ? await openRotation(tables.rotation, tables.model.dim, rotation, called)
          : undefined
      const room = new Room(tables.model.dim, exactFaces, exactRows)
      return new Store(where, called, waitMs, room, tables, turning)
    } catch (error) {
      tables.close()
      throw error
    }
  }

  /** Whether its rows are sealed. */
  get encrypted(): boolean {
    return this.tables.vault !== undefined
  }

  /** Whether the embeddings of its rows are turned. */
  get rotated(): boolean {
    return this.tables.rotation !== undefined
  }

  /**
   * What turns embeddings into those of its rows and back; `undefined` where they are as they came.
   * @throws GalleryError GALLERY_KEY where they are turned, and the key was not given
   */
  get rotation(): Rotation | undefined {
    if (this.rotated && this.turning === undefined) throw noRotationKey(this.called)
    return this.turning
  }

  get model(): GalleryModel {
    return this.tables.model
  }

  /** Runs a query; again where a writer has cleaned away what it was reading. */
  async read<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    this.checkOpen()
    const reading = this.guarded(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await work(this.tables)
        } catch (error) {
          if (attempt === READ_ATTEMPTS || !(isCleaned(error) || error instanceof KeyGone))
            throw error
          await Promise.all([
            this.tables.people.checkoutLatest(),
            this.tables.faces.checkoutLatest(),
          ])
        }
      }
    })
    this.reads.add(reading)
    try {
      return await reading
    } finally {
      this.reads.delete(reading)
    }
  }

  /** Runs changes alone: after those of this process, and in a folder not during another's. */
  async write<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    this.checkOpen()
    const mine = this.queue.then(() =>
      this.guarded(() =>
        exclusive(this.where, this.waitMs, () => {
          if (!isRemote(this.where)) settleMade(this.where)
          if (this.mark !== markOf(this.where))
            throw new GalleryError(
              'GALLERY_KEY',
              `${this.called} was encrypted or turned meanwhile`,
              {
                hint: 'Open it again.',
              },
            )
          return work(this.tables)
        }),
      ),
    )
    this.queue = mine.catch(() => undefined)
    return mine
  }

  /** Waits for what is under way. Calling it again does nothing. @param why what who comes later is told */
  async close(why?: GalleryError): Promise<void> {
    if (this.closed) return
    this.closed = why ?? new GalleryError('GALLERY_USE', `${this.called}: already closed`)
    await Promise.allSettled([this.queue, ...this.reads])
    this.tables.close()
  }

  /** Runs work on its tables. @throws GalleryError instead of what LanceDB and the file system throw */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await guard(this.where, work)
    } catch (error) {
      const isTrouble =
        error instanceof GalleryError && ['GALLERY_STORE', 'GALLERY_DAMAGED'].includes(error.code)
      throw (isTrouble && (await this.gone())) || error
    }
  }

  /** @throws GalleryError that it is closed */
  checkOpen(): void {
    if (this.closed) throw this.closed
  }
}

function exclusive<T>(where: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  // On object storage nobody is kept from writing: what is written is checked against what others have written.
  if (isRemote(where)) return work()
  return withLock(join(where, 'writer.lock'), waitMs, work)
}

/** A key is destroyed by overwriting it where it lies, which no object storage can. */
export const refuseRemote = (called: string) =>
  new GalleryError('GALLERY_USE', `${called}: only galleries in folders are encrypted`, {
    hint: "On object storage, use the storage's own encryption.",
  })
