import { BrowserError } from '../errors.js'
import { troubleOf, unusable } from './trouble.js'

// People and faces lie in IndexedDB, not in OPFS: a transaction is written whole or not at all, whenever a tab is closed, tabs
// share it without locks of our own, and it keeps a key that no script can read. OPFS has none of these.

export type StoreName = 'about' | 'people' | 'faces' | 'thumbnails'

/** What brings a database from one version to the next: the first makes it. */
const UPGRADES: readonly ((db: IDBDatabase) => void)[] = [
  (db) => {
    for (const name of ['about', 'people', 'faces', 'thumbnails'] satisfies StoreName[])
      db.createObjectStore(name)
  },
]

/** The stores of a gallery, by transactions. */
export class Database {
  #gone: BrowserError | undefined

  private constructor(
    /** What messages call it. */
    readonly where: string,
    private readonly db: IDBDatabase,
    private readonly onGone: () => void,
  ) {
    db.addEventListener('versionchange', ({ newVersion }) =>
      this.#lose(
        newVersion === null ? 'was deleted' : 'was taken over by a newer version of this page',
      ),
    )
    // The browser, or who clears its data.
    db.addEventListener('close', () => this.#lose('was deleted by the browser'))
  }

  /**
   * @param onGone called when a transaction is refused because the database was deleted or given away: it is not to be used
   * @throws BrowserError BROWSER_STORAGE, BROWSER_GALLERY_FORMAT (newer), BROWSER_GALLERY_BLOCKED
   */
  static async open(name: string, where: string, onGone: () => void): Promise<Database> {
    const opening = started(where, () => indexedDB.open(name, UPGRADES.length))
    opening.addEventListener('upgradeneeded', ({ oldVersion }) => {
      for (const upgrade of UPGRADES.slice(oldVersion)) upgrade(opening.result)
    })
    return new Database(where, await unblocked(opening, where), onGone)
  }

  /** With all that is in it, its key too. @throws BrowserError BROWSER_STORAGE, BROWSER_GALLERY_BLOCKED */
  static async delete(name: string, where: string): Promise<void> {
    await unblocked(
      started(where, () => indexedDB.deleteDatabase(name)),
      where,
    )
  }

  /**
   * Runs work in one transaction: all of it is there when this resolves, nothing if it throws. Work awaits nothing but its
   * requests, because a transaction that has none ends.
   * @throws BrowserError BROWSER_STORAGE, BROWSER_GALLERY_GONE; what `work` throws
   */
  async transaction<T>(
    mode: 'readonly' | 'readwrite',
    stores: readonly StoreName[],
    work: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    try {
      if (this.#gone) throw this.#gone
      // What was acknowledged is on the disk, not in the system's memory.
      const own = this.db.transaction(stores, mode, { durability: 'strict' })
      const done = completed(own)
      try {
        const result = await work(new Transaction(own))
        await done
        return result
      } catch (error) {
        done.catch(() => {})
        abort(own)
        throw error
      }
    } catch (error) {
      if (this.#gone?.code === 'BROWSER_GALLERY_GONE') this.onGone()
      throw this.#gone ?? troubleOf(this.where, error)
    }
  }

  /** For who finds that it is no longer what it was. @returns what to throw */
  lost(why: string): BrowserError {
    const error = this.#lose(why)
    this.onGone()
    return error
  }

  #lose(why: string): BrowserError {
    this.#gone ??= new BrowserError('BROWSER_GALLERY_GONE', `${this.where} ${why}`, {
      hint: 'The next call opens it anew: what it holds then is all that there is.',
    })
    this.db.close()
    return this.#gone
  }

  close(): void {
    this.#gone ??= new BrowserError('BROWSER_USE', `${this.where}: already closed`)
    this.db.close()
  }
}

/** Requests of one transaction. */
export class Transaction {
  constructor(private readonly own: IDBTransaction) {}

  get<T>(store: StoreName, key: IDBValidKey): Promise<T | undefined> {
    return settled(this.own.objectStore(store).get(key))
  }

  /** From a row on, so many at most: in the order of their numbers. */
  async rowsFrom<T>(store: StoreName, row: number, count: number): Promise<[number, T][]> {
    const range = IDBKeyRange.lowerBound(row)
    const from = this.own.objectStore(store)
    const [keys, values] = await Promise.all([
      settled(from.getAllKeys(range, count)),
      settled(from.getAll(range, count)),
    ])
    return keys.map((key, i) => [key as number, values[i]])
  }

  rows(store: StoreName): Promise<number[]> {
    return settled(this.own.objectStore(store).getAllKeys()) as Promise<number[]>
  }

  /** Awaited with the transaction. */
  put(store: StoreName, key: IDBValidKey, value: unknown): void {
    this.own.objectStore(store).put(value, key)
  }

  delete(store: StoreName, key: IDBValidKey): void {
    this.own.objectStore(store).delete(key)
  }
}

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const completed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('it was aborted', 'AbortError'))
  })

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It has ended already.
  }
}

/** @throws BrowserError BROWSER_STORAGE: storage is blocked */
function started<T>(where: string, start: () => T): T {
  try {
    return start()
  } catch (error) {
    // There is none at all, or it may not be used here.
    throw unusable(where, error)
  }
}

async function unblocked(request: IDBOpenDBRequest, where: string): Promise<IDBDatabase> {
  // Pages of this version let go at once: what keeps it is another program's, or a page that is frozen.
  const blocked = new Promise<never>((_, reject) => {
    request.onblocked = () =>
      reject(
        new BrowserError('BROWSER_GALLERY_BLOCKED', `${where} is held by another tab`, {
          hint: 'Close the other tabs of this page.',
        }),
      )
  })
  const settling = settled(request)
  try {
    return await Promise.race([settling, blocked])
  } catch (error) {
    // Should it still open later, it must not hold others up.
    settling.then((late) => late?.close()).catch(() => {})
    throw troubleOf(where, error)
  }
}
