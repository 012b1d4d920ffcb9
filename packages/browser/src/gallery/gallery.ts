import type {
  Alike,
  Compared,
  Description,
  Due,
  Enrolled,
  FacesPage,
  Filter,
  GalleryFace,
  Identified,
  IdentifyOptions,
  ListedPerson,
  NewFace,
  NewPerson,
  PeoplePage,
  Searched,
  SweepOptions,
} from '@arcface/vision'
import { checkOptions } from '../options.js'
import type { AskOptions } from '../rpc/client.js'
import type { GalleryMethod } from './handlers.js'
import { databaseName } from './name.js'
import type { GalleryStats } from './reader.js'
import type { GalleryService } from './service.js'

export interface ImportOptions {
  /** Called after a commit: so many of the file's faces are there. */
  readonly onProgress?: ((done: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Asks the worker. */
export type Ask = <T>(call: string, args: unknown, options?: AskOptions) => Promise<T>

/** Stops a gallery's events: with its recognizer, not by who uses it. */
export let closeGallery: (gallery: Gallery) => void

/**
 * People and their faces, kept by the browser in IndexedDB, encrypted, and found by embedding: as @arcface/gallery in Node.
 * It is opened, or made, by the first call. What a method has promised is on the disk when it resolves, and a write is there
 * as a whole or not at all, also if the tab is closed meanwhile. Several tabs may read and write at once. It tells `change`
 * when it was written, by this tab or another.
 *
 * All methods throw BrowserError BROWSER_STORAGE (full, blocked), BROWSER_INSECURE, BROWSER_GALLERY_MODEL (it holds another
 * model's embeddings), BROWSER_GALLERY_KEY, BROWSER_GALLERY_GONE (it was deleted under the page), BROWSER_GALLERY_BLOCKED,
 * BROWSER_GALLERY_FORMAT, BROWSER_GALLERY_DAMAGED and BROWSER_USE.
 */
export class Gallery extends EventTarget {
  readonly #ask: Ask
  readonly #channel: BroadcastChannel

  static {
    closeGallery = (gallery) => gallery.#channel.close()
  }

  constructor(ask: Ask, name: string | undefined) {
    super()
    this.#ask = ask
    this.#channel = new BroadcastChannel(databaseName(name))
    this.#channel.addEventListener('message', () => this.dispatchEvent(new Event('change')))
  }

  /** Counts, model, and whether it is encrypted. */
  stats(): Promise<GalleryStats> {
    return this.#call('stats')
  }

  /** How many there are, or in all of these groups: what a search with this filter compares with. */
  count(filter: Filter = {}): Promise<Searched> {
    return this.#call('count', filter)
  }

  /** Everybody, or a page of them, by name (in the order of code points). */
  people(page: PeoplePage = {}): Promise<ListedPerson[]> {
    return this.#call('people', page)
  }

  /** @throws BrowserError BROWSER_GALLERY_PERSON */
  person(name: string): Promise<ListedPerson> {
    return this.#call('person', name)
  }

  /** A person's faces, or a page of them, in the order in which they came. @throws BrowserError BROWSER_GALLERY_PERSON */
  faces(name: string, page: FacesPage = {}): Promise<GalleryFace[]> {
    return this.#call('faces', name, page)
  }

  /** @throws BrowserError BROWSER_GALLERY_FACE */
  face(id: string): Promise<GalleryFace> {
    return this.#call('face', id)
  }

  /** The picture that came with a face, encoded; `null` where none did. @throws BrowserError BROWSER_GALLERY_FACE */
  thumbnail(id: string): Promise<Uint8Array | null> {
    return this.#call('thumbnail', id)
  }

  /** The pictures of those of these faces that have one, by their ids. */
  thumbnails(ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    return this.#call('thumbnails', ids)
  }

  /**
   * Adds faces, and people who are not there yet, at once. A face whose photograph or embedding the person has already is
   * not added again. For photographs see `Recognizer.enroll`.
   * @returns the faces' ids, also of those that were there
   * @throws BrowserError BROWSER_GALLERY_EMBEDDING, BROWSER_GALLERY_NAME, BROWSER_GALLERY_METADATA; then none is added
   */
  enroll(faces: readonly NewFace[]): Promise<string[]> {
    return this.#call('enroll', faces)
  }

  /** `enroll`, and what became of each face. */
  add(faces: readonly NewFace[]): Promise<Enrolled[]> {
    return this.#call('add', faces)
  }

  /**
   * Adds people who are not there yet, without faces; those who are stay as they are.
   * @returns how many were added
   * @throws BrowserError BROWSER_GALLERY_NAME, BROWSER_GALLERY_METADATA
   */
  addPeople(people: readonly NewPerson[]): Promise<number> {
    return this.#call('addPeople', people)
  }

  /**
   * Replaces what is given of groups, metadata, consent and how long the person is kept.
   * @throws BrowserError BROWSER_GALLERY_PERSON, BROWSER_GALLERY_NAME, BROWSER_GALLERY_METADATA, BROWSER_GALLERY_CONSENT
   */
  describe(name: string, change: Description): Promise<void> {
    return this.#call('describe', name, change)
  }

  /** @throws BrowserError BROWSER_GALLERY_PERSON, BROWSER_GALLERY_PERSON_EXISTS (the new name is taken), BROWSER_GALLERY_NAME */
  rename(name: string, to: string): Promise<void> {
    return this.#call('rename', name, to)
  }

  /**
   * Gives all faces of a person to another, whose groups, metadata and consent stay.
   * @throws BrowserError BROWSER_GALLERY_PERSON, BROWSER_GALLERY_PERSON_EXISTS (it is the same person)
   */
  merge(name: string, into: string): Promise<void> {
    return this.#call('merge', name, into)
  }

  /** Gives single faces to a person who is there. @throws BrowserError BROWSER_GALLERY_PERSON, BROWSER_GALLERY_FACE; then none is moved */
  moveFaces(ids: readonly string[], to: string): Promise<void> {
    return this.#call('moveFaces', ids, to)
  }

  /** Deletes people with all their faces. @throws BrowserError BROWSER_GALLERY_PERSON: somebody is not there; then nobody is deleted */
  delete(names: readonly string[]): Promise<void> {
    return this.#call('delete', names)
  }

  /**
   * Deletes everybody whose consent has expired or whose `retainUntil` has passed: for a page to call when it is opened.
   * @returns who, the earliest end first
   * @throws BrowserError BROWSER_GALLERY_CLOCK: somebody was added later than the clock says; then nobody is deleted
   */
  sweep(options: SweepOptions = {}): Promise<Due[]> {
    return this.#call('sweep', options)
  }

  /** Deletes single faces; the people stay. Ids that are not there are passed over. @returns how many were there */
  deleteFaces(ids: readonly string[]): Promise<number> {
    return this.#call('deleteFaces', ids)
  }

  /**
   * Whose face is it? The most similar people, each by the best of their faces. For photographs see `Recognizer.identify`.
   * @param embedding L2-normalised, of the gallery's length
   * @throws BrowserError BROWSER_GALLERY_EMBEDDING, BROWSER_GALLERY_NAME (a group)
   */
  async identify(embedding: Float32Array, options: IdentifyOptions = {}): Promise<Identified> {
    return (await this.identifyMany([embedding], options))[0]!
  }

  /** `identify` for several embeddings. */
  identifyMany(
    embeddings: readonly Float32Array[],
    { threshold, ...options }: IdentifyOptions = {},
  ): Promise<Identified[]> {
    return this.#searching(threshold, options.filter, (cosine) =>
      this.#call('identifyMany', embeddings, {
        ...options,
        ...(cosine !== undefined && { threshold: cosine }),
      }),
    )
  }

  /**
   * Is it this person's face? The cosine with the most similar of the person's faces.
   * @throws BrowserError BROWSER_GALLERY_PERSON (nobody of this name, or without a face), BROWSER_GALLERY_EMBEDDING
   */
  compare(name: string, embedding: Float32Array): Promise<Compared> {
    return this.#call('compare', name, embedding)
  }

  /**
   * Which of these faces are alike somebody else's: for each the most similar other person, if above `threshold`. By
   * default the same picture is told.
   */
  alike(ids: readonly string[], threshold?: number): Promise<Alike[]> {
    return this.#call('alike', ids, threshold)
  }

  /** All people with their faces, in JSONL: what Node's gallery and `import` read. Not encrypted. */
  export(): Promise<Blob> {
    return this.#call('export')
  }

  /**
   * Adds the people and faces of an export, of this gallery or of Node's (`.jsonl`). A face that is there is passed over, so
   * that the same call goes on after an interruption. A file that was cut is refused before anything is added.
   * @returns faces added
   * @throws BrowserError BROWSER_GALLERY_MODEL (of another model), BROWSER_GALLERY_FORMAT (newer, cut, or no export); the
   *   signal's reason
   */
  async import(file: Blob | string, options: ImportOptions = {}): Promise<number> {
    checkOptions('import', options, { onProgress: 'function', signal: 'signal' })
    return this.#ask('gallery.import', file, options)
  }

  /** Asks the browser not to evict what this site stores when space runs short. @returns whether it agreed */
  async persist(): Promise<boolean> {
    return (await globalThis.navigator.storage?.persist?.()) ?? false
  }

  /** Deletes the gallery with its key, for all tabs, also one that cannot be opened; the next call makes an empty one. */
  destroy(): Promise<void> {
    return this.#ask('gallery.destroy', undefined)
  }

  #call<Method extends GalleryMethod>(
    method: Method,
    ...args: Parameters<GalleryService[Method]>
  ): ReturnType<GalleryService[Method]> {
    return this.#ask(`gallery.${method}`, args) as ReturnType<GalleryService[Method]>
  }

  /** A function stays in the page: it is asked of the faces that there are, again where they are others in the search. */
  async #searching(
    threshold: IdentifyOptions['threshold'],
    filter: Filter | undefined,
    search: (cosine: number | undefined) => Promise<Identified[]>,
  ): Promise<Identified[]> {
    if (typeof threshold !== 'function') return search(threshold)
    for (;;) {
      const counted = await this.count(filter)
      const found = await search(threshold(counted))
      const searched = found[0]?.searched ?? counted
      if (searched.faces === counted.faces && searched.people === counted.people) return found
    }
  }
}
