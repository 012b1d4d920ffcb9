import {
  type Alike,
  type Compared,
  type FacesPage,
  type Filter,
  type GalleryFace,
  type GalleryModel,
  type Identified,
  type IdentifyOptions,
  type ListedPerson,
  type PeoplePage,
  SAME_PICTURE,
  type Searched,
} from '@arcface/vision'
import type { GalleryError } from '../errors.js'
import {
  type FacesWindow,
  faceIn,
  facesFromIn,
  facesIn,
  facesOfIn,
  findFaces,
  thumbnailsIn,
} from '../faces/pages.js'
import type { KnownPhoto } from '../faces/photographs.js'
import { photographsIn } from '../faces/photographs.js'
import { spellingIn } from '../people/find.js'
import {
  type FoundPeople,
  groupsIn,
  type PeopleWindow,
  peopleFromIn,
  peopleIn,
  personIn,
  portraitIn,
} from '../people/pages.js'
import {
  checkCount,
  checkEmbedding,
  checkFacesPage,
  checkIdentify,
  checkOptions,
  checkPeoplePage,
  groupsOf,
  listOf,
  normalName,
  textOf,
  textsOf,
} from '../rules.js'
import { alikeIn } from '../search/alike.js'
import { compareFaceIn, compareIn } from '../search/compare.js'
import { type Duplicate, duplicatesIn } from '../search/duplicates.js'
import { type Fit, fitIn } from '../search/fit.js'
import { searchedIn } from '../search/identify.js'
import { nearestIn } from '../search/nearest.js'
import { Search } from '../search/search.js'
import type { Store } from '../store/store.js'
import { type GalleryStats, statsOf } from './stats.js'

/** For who exports or imports: not the caller's. */
export let storeOf: (gallery: GalleryReader) => Store

/** What is asked of a gallery: everything but its changes, see `Gallery`. */
export class GalleryReader {
  readonly #store: Store
  readonly #search: Search

  static {
    storeOf = (gallery) => gallery.#store
  }

  constructor(store: Store) {
    this.#store = store
    this.#search = new Search(store.room)
  }

  get model(): GalleryModel {
    return this.#store.model
  }

  /** Whether everything in it but ids and dates lies there encrypted. */
  get encrypted(): boolean {
    return this.#store.encrypted
  }

  /** Whether embeddings lie in it turned by a secret rotation. */
  get rotated(): boolean {
    return this.#store.rotated
  }

  /** Counts, model, size on disk: nothing is read for it. */
  async stats(): Promise<GalleryStats> {
    return statsOf(this.#store)
  }

  /** How many there are, or in all of these groups: what a search with this filter compares with. @throws GalleryError GALLERY_USE, GALLERY_NAME */
  async count(filter: Filter = {}): Promise<Searched> {
    const groups = groupsOf(filter)
    return this.#store.read((tables) => searchedIn(tables, groups))
  }

  /**
   * Everybody, or a page of them, by name (in the order of code points). Who is there from the first page to the last is
   * on one of them, whoever comes and goes meanwhile.
   * @throws GalleryError GALLERY_USE, GALLERY_NAME (a group)
   */
  async people(page: PeoplePage = {}): Promise<ListedPerson[]> {
    const checked = checkPeoplePage(page)
    return this.#store.read((tables) => peopleIn(tables, checked))
  }

  /**
   * People by their place in an order, found by a part of their names, and how many there are: for who shows a part of a
   * long list. Who comes or goes meanwhile moves the others; `people` does not mind them.
   * @throws GalleryError GALLERY_USE, GALLERY_NAME (a group)
   */
  async peopleFrom(window: PeopleWindow = {}): Promise<FoundPeople> {
    checkOptions('peopleFrom', window, {
      groups: 'any',
      search: 'text',
      by: ['name', 'added'],
      descending: 'boolean',
      offset: 'number',
      limit: 'number',
    })
    const { groups, offset = 0, limit, search = '' } = window
    checkCount(offset + 1, 'offset + 1')
    checkCount(limit, 'limit')
    const checked = {
      ...window,
      groups: groupsOf(groups && { groups }),
      search: search.trim() === '' ? '' : normalName(search, 'search'),
    }
    return this.#store.read((tables) => peopleFromIn(tables, checked))
  }

  /** The groups that people are in, by name, with how many; their columns alone are read. */
  async groups(): Promise<Map<string, number>> {
    return this.#store.read(groupsIn)
  }

  /** @throws GalleryError GALLERY_PERSON, GALLERY_USE */
  async person(name: string): Promise<ListedPerson> {
    return this.#store.read((tables) => personIn(tables, name))
  }

  /**
   * How somebody is written whose name is this one but for the case of letters: the name itself if somebody has it;
   * `undefined` where nobody is. @throws GalleryError GALLERY_USE
   */
  async spelling(name: string): Promise<string | undefined> {
    const text = textOf(name, 'name')
    return this.#store.read((tables) => spellingIn(tables, text))
  }

  /**
   * A person's faces, or a page of them, in the order in which they came; as `people`.
   * @throws GalleryError GALLERY_PERSON, GALLERY_USE
   */
  async faces(name: string, page: FacesPage = {}): Promise<GalleryFace[]> {
    checkFacesPage(page)
    return this.#store.read((tables) => facesIn(tables, name, page))
  }

  /**
   * Everybody's faces, or one person's, in the order in which they came, by their place: for who turns pages by number.
   * Faces that come or go meanwhile move the others; `faces` and `people` do not mind them.
   * @throws GalleryError GALLERY_PERSON, GALLERY_USE
   */
  async facesFrom(window: FacesWindow = {}): Promise<GalleryFace[]> {
    checkOptions('facesFrom', window, { offset: 'number', limit: 'number', person: 'any' })
    const { offset = 0, limit } = window
    checkCount(offset + 1, 'offset + 1')
    checkCount(limit, 'limit')
    return this.#store.read((tables) => facesFromIn(tables, window))
  }

  /** @throws GalleryError GALLERY_FACE, GALLERY_USE */
  async face(id: string): Promise<GalleryFace> {
    const text = textOf(id, 'id')
    return this.#store.read((tables) => faceIn(tables, text))
  }

  /** Those of these ids that are faces, in their order. @throws GalleryError GALLERY_USE */
  async facesOf(ids: readonly string[]): Promise<GalleryFace[]> {
    const texts = textsOf(ids, 'ids')
    return this.#store.read((tables) => facesOfIn(tables, texts))
  }

  /** The picture that came with a face, encoded; `null` where none did. @throws GalleryError GALLERY_FACE, GALLERY_USE */
  async thumbnail(id: string): Promise<Uint8Array | null> {
    const text = textOf(id, 'id')
    return this.#store.read(async (tables) => {
      await findFaces(tables, [text])
      return (await thumbnailsIn(tables, [text])).get(text) ?? null
    })
  }

  /** The pictures of those of these faces that have one, by their ids. @throws GalleryError GALLERY_USE */
  async thumbnails(ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    const texts = textsOf(ids, 'ids')
    return this.#store.read((tables) => thumbnailsIn(tables, texts))
  }

  /** One of the pictures that came with a person's faces, encoded; `null` where none did. @throws GalleryError GALLERY_PERSON, GALLERY_USE */
  async portrait(name: string): Promise<Uint8Array | null> {
    return this.#store.read((tables) => portraitIn(tables, name))
  }

  /** @throws GalleryError GALLERY_FACE: one of these ids is no face here */
  async checkIds(ids: readonly string[]): Promise<void> {
    const texts = textsOf(ids, 'ids')
    await this.#store.read((tables) => findFaces(tables, texts))
  }

  /** Where the faces come from that are there: what a bulk enrolment need not do again. */
  async sources(): Promise<Set<string>> {
    return this.#store.read(async ({ faces }) => {
      const found = new Set<string>()
      for await (const batch of faces.query().select(['source']))
        for (const { source } of batch as Iterable<{ source: string | null }>)
          if (source !== null) found.add(source)
      return found
    })
  }

  /** Of photographs (sha-256 of their files) those that have faces here: whose, and from which path. */
  async photographs(photos: readonly string[]): Promise<Map<string, KnownPhoto[]>> {
    return this.#store.read((tables) => photographsIn(tables, photos))
  }

  /**
   * Whose face is it? The most similar people, each by the best of their faces.
   * @param embedding L2-normalised, of the gallery's length
   * @throws GalleryError GALLERY_EMBEDDING, GALLERY_USE
   */
  async identify(embedding: Float32Array, options: IdentifyOptions = {}): Promise<Identified> {
    return (await this.identifyMany([embedding], options))[0]!
  }

  /**
   * `identify` for several embeddings; 32 take hardly longer than a few. Calls that come while one is under way are
   * searched together when it has ended, so that many at once take no longer either. The first search reads from
   * disk; the second fills the memory (see `exactFaces`), and later ones read what has changed.
   */
  async identifyMany(
    embeddings: readonly Float32Array[],
    options: IdentifyOptions = {},
  ): Promise<Identified[]> {
    const checked = this.#checkSearch(embeddings, options)
    if (embeddings.length === 0) return []
    const probes = embeddings.map((one) => this.#turned(one))
    return this.#store.read((tables) => this.#search.together(tables, probes, checked))
  }

  /**
   * As `identifyMany`, but the `top` most similar faces: somebody who is like a probe by several stands there several
   * times. All faces of the people found are read for it where `top` is more than 1.
   */
  async nearest(
    embeddings: readonly Float32Array[],
    options: IdentifyOptions = {},
  ): Promise<Identified[]> {
    const checked = this.#checkSearch(embeddings, options)
    if (embeddings.length === 0) return []
    const probes = embeddings.map((one) => this.#turned(one))
    return this.#store.read((tables) => nearestIn(tables, this.#search, probes, checked))
  }

  /** As the embeddings of the rows are. @throws GalleryError GALLERY_KEY */
  #turned(embedding: Float32Array): Float32Array {
    return this.#store.rotation?.turn(embedding) ?? embedding
  }

  #checkSearch(embeddings: readonly Float32Array[], options: IdentifyOptions): IdentifyOptions {
    for (const [i, one] of listOf(embeddings, 'embeddings').entries())
      checkEmbedding(one, this.model.dim, embeddings.length > 1 ? `face ${i + 1}` : 'the face')
    return checkIdentify(options)
  }

  /**
   * Is it this person's face? The cosine with the most similar of the person's faces.
   * @param embedding L2-normalised, of the gallery's length
   * @throws GalleryError GALLERY_PERSON (nobody of this name, or without a face), GALLERY_EMBEDDING
   */
  async compare(name: string, embedding: Float32Array): Promise<Compared> {
    checkEmbedding(embedding, this.model.dim, 'the face')
    const probe = this.#turned(embedding)
    return this.#store.read((tables) => compareIn(tables, name, probe))
  }

  /**
   * The cosine with one face of the gallery.
   * @param embedding L2-normalised, of the gallery's length
   * @throws GalleryError GALLERY_FACE, GALLERY_EMBEDDING, GALLERY_USE
   */
  async compareFace(id: string, embedding: Float32Array): Promise<number> {
    const text = textOf(id, 'id')
    checkEmbedding(embedding, this.model.dim, 'the face')
    const probe = this.#turned(embedding)
    return this.#store.read((tables) => compareFaceIn(tables, text, probe))
  }

  /**
   * Which of these faces are alike somebody else's: for each the most similar other person, if above `threshold`. A face
   * that two people have is the usual mistake of an enrolment. Each is a search among all, so the threshold should be
   * that of a search; by default the same picture is told.
   * @throws GalleryError GALLERY_USE
   */
  async alike(
    ids: readonly string[],
    threshold: NonNullable<IdentifyOptions['threshold']> = SAME_PICTURE,
  ): Promise<Alike[]> {
    const checked = checkIdentify({ top: 2, threshold })
    if (textsOf(ids, 'ids').length === 0) return []
    return this.#store.read((tables) => alikeIn(tables, this.#search, ids, checked))
  }

  /** How well each of a person's faces fits the others: the least are perhaps somebody else's. @throws GalleryError GALLERY_PERSON, GALLERY_USE */
  async fit(name: string): Promise<Fit[]> {
    return this.#store.read((tables) => fitIn(tables, name))
  }

  /** Pairs of faces more similar than `threshold`, the most similar first. See `Duplicate`. */
  async duplicates(threshold: number): Promise<Duplicate[]> {
    checkIdentify({ threshold })
    return this.#store.read((tables) => duplicatesIn(tables, this.model.dim, threshold))
  }

  /**
   * Waits for what is under way. Calling it again does nothing.
   * @param why what later calls throw. Default: GALLERY_USE
   */
  async close(why?: GalleryError): Promise<void> {
    await this.#store.close(why)
    await this.#search.close()
  }
}
