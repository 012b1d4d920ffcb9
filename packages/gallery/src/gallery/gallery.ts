import { GalleryError } from '../errors.js'
import {
  addIn,
  addPeopleIn,
  findPeople,
  type KnownPhoto,
  photographsIn,
  SAME_PICTURE,
} from '../faces/add.js'
import { type Compared, compareIn } from '../faces/compare.js'
import {
  checkEmbedding,
  checkFaces,
  checkPeople,
  type Enrolled,
  type NewFace,
  type NewPerson,
} from '../faces/enroll.js'
import { checkOptions, listOf, textsOf } from '../options.js'
import { checkMetadata, type Metadata } from '../people/metadata.js'
import { cleanGroups, cleanName, normalName, visibleName } from '../people/names.js'
import { type Person, personOf } from '../people/person.js'
import { type Alike, alikeIn } from '../search/alike.js'
import { type Duplicate, duplicatesIn } from '../search/duplicates.js'
import { checkIdentify, type Identified, type IdentifyOptions } from '../search/identify.js'
import { Search } from '../search/search.js'
import { bytesIn } from '../store/bytes.js'
import type { GalleryModel } from '../store/model.js'
import { isRemote } from '../store/place.js'
import { Store, type StoreOptions } from '../store/store.js'
import { inGroups, isIn, type PersonRow, quote, type Tables } from '../store/tables.js'
import { erase, type Gone, keepReserve } from '../upkeep/erase.js'
import { compact, INDEX, purge, tidy } from '../upkeep/upkeep.js'

export interface FaceOfPerson {
  readonly id: string
  readonly source: string | null
  readonly thumbnail: Uint8Array | null
  readonly added: Date
}

export interface GalleryStats {
  readonly model: GalleryModel
  readonly people: number
  readonly faces: number
  /** How faces are found now: every one compared, or by the index. */
  readonly search: 'exact' | 'index'
  /** On disk; `null` on object storage. */
  readonly bytes: number | null
}

/**
 * Opens the gallery of a folder (a path or a `file:` URL) or of object storage (`s3://...`), or makes one where none is and a
 * model is given. Without a model: the gallery as it is, for listing and changing.
 * @throws GalleryError GALLERY_MISSING, GALLERY_MODEL, GALLERY_FORMAT, GALLERY_LOCKED,
 *   GALLERY_DISK_FULL, GALLERY_ACCESS, GALLERY_DAMAGED, GALLERY_STORE, GALLERY_USE
 */
export async function openGallery(
  path: string | URL,
  options: StoreOptions = {},
): Promise<Gallery> {
  return new Gallery(await Store.open(path, options))
}

/**
 * People and their faces, found by embedding. What a method has promised is on disk when it
 * resolves. Several processes may read while one writes; further writers wait. All methods throw
 * GalleryError GALLERY_STORE, GALLERY_DAMAGED, GALLERY_ACCESS and GALLERY_USE (closed); those that write also
 * GALLERY_LOCKED and GALLERY_DISK_FULL.
 */
export class Gallery {
  private readonly search: Search

  constructor(private readonly store: Store) {
    this.search = new Search(store.exactFaces)
  }

  get model(): GalleryModel {
    return this.store.model
  }

  /**
   * Adds faces, and people who are not there yet, in one commit: many at once are much faster. A face whose photograph
   * or embedding the person has already is not added again, whoever enrolled it.
   * @returns the faces' ids, also of those that were there
   * @throws GalleryError GALLERY_EMBEDDING, GALLERY_NAME, GALLERY_METADATA, GALLERY_USE (an id, or a list that is
   *   none); then none is added
   */
  async enroll(faces: readonly NewFace[]): Promise<string[]> {
    return (await this.add(faces)).map(({ id }) => id)
  }

  /** `enroll`, and what became of each face. The bytes of those that were replaced stay until `purge`. */
  async add(faces: readonly NewFace[]): Promise<Enrolled[]> {
    const checked = checkFaces(faces, this.model.dim)
    if (checked.length === 0) return []
    return this.write((tables) => addIn(tables, checked))
  }

  /**
   * Adds people who are not there yet, without faces; those who are stay as they are.
   * @returns how many were added
   * @throws GalleryError GALLERY_NAME, GALLERY_METADATA, GALLERY_USE
   */
  async addPeople(people: readonly NewPerson[]): Promise<number> {
    const checked = checkPeople(people)
    if (checked.length === 0) return 0
    return this.write((tables) => addPeopleIn(tables, checked))
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
    return this.store.read((tables) => alikeIn(tables, this.search, ids, checked))
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
   * `identify` for several embeddings; 32 take hardly longer than a few. The first search reads from
   * disk; the second fills the memory (see `exactFaces`), and later ones read what has changed.
   */
  async identifyMany(
    embeddings: readonly Float32Array[],
    options: IdentifyOptions = {},
  ): Promise<Identified[]> {
    const checked = checkIdentify(options)
    for (const [i, one] of listOf(embeddings, 'embeddings').entries())
      checkEmbedding(one, this.model.dim, embeddings.length > 1 ? `face ${i + 1}` : 'the face')
    if (embeddings.length === 0) return []
    return this.store.read((tables) => this.search.identify(tables, embeddings, checked))
  }

  /** Everybody, or those in all of these groups, by name. */
  async people(groups: readonly string[] = []): Promise<(Person & { faces: number })[]> {
    const where = inGroups(cleanGroups(groups))
    return this.store.read(async ({ people, faces }) => {
      const query = where === '' ? people.query() : people.query().where(where)
      const rows = (await query.toArray()) as PersonRow[]
      const counts = new Map<string, number>()
      const column = faces.query().select(['person'])
      for await (const batch of where === '' ? column : column.where(where))
        for (const { person } of batch as Iterable<{ person: string }>)
          counts.set(person, (counts.get(person) ?? 0) + 1)
      return rows
        .map((row) => ({ ...personOf(row), faces: counts.get(row.id) ?? 0 }))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    })
  }

  /** One person with all faces. @throws GalleryError GALLERY_PERSON */
  async person(name: string): Promise<Person & { faces: FaceOfPerson[] }> {
    return this.store.read(async (tables) => {
      const row = await this.find(tables, name)
      const faces = (await tables.faces
        .query()
        .where(isIn('person', [row.id]))
        .select(['id', 'source', 'thumbnail', 'added'])
        .toArray()) as (Omit<FaceOfPerson, 'added'> & { added: number })[]
      const list = faces.map(({ id, source, thumbnail, added }) => ({
        id,
        source,
        thumbnail,
        added: new Date(added),
      }))
      return { ...personOf(row), faces: list }
    })
  }

  /** Where the faces come from that are there: what a bulk enrolment need not do again. */
  async sources(): Promise<Set<string>> {
    return this.store.read(async ({ faces }) => {
      const found = new Set<string>()
      for await (const batch of faces.query().where('source IS NOT NULL').select(['source']))
        for (const { source } of batch as Iterable<{ source: string }>) found.add(source)
      return found
    })
  }

  /** Of photographs (sha-256 of their files) those that have faces here: whose, and from which path. */
  async photographs(photos: readonly string[]): Promise<Map<string, KnownPhoto[]>> {
    return this.store.read((tables) => photographsIn(tables, photos))
  }

  /** Replaces groups, metadata or both. @throws GalleryError GALLERY_PERSON, GALLERY_NAME, GALLERY_METADATA */
  async describe(
    name: string,
    change: { readonly groups?: readonly string[]; readonly metadata?: Metadata },
  ): Promise<void> {
    checkOptions('describe', change, { groups: 'any', metadata: 'any' })
    const groups = change.groups === undefined ? undefined : cleanGroups(change.groups)
    const metadata =
      change.metadata === undefined ? undefined : JSON.stringify(checkMetadata(change.metadata))
    await this.write(async (tables) => {
      const { id } = await this.find(tables, name)
      if (metadata !== undefined)
        await tables.people.update({
          where: isIn('id', [id]),
          valuesSql: { metadata: quote(metadata) },
        })
      if (groups === undefined) return
      const valuesSql = { groups: sqlList(groups) }
      // The faces first: filters go by them, and a repeated call mends what a kill left half done.
      await tables.faces.update({ where: isIn('person', [id]), valuesSql })
      await tables.people.update({ where: isIn('id', [id]), valuesSql })
    })
  }

  /** @throws GalleryError GALLERY_PERSON (unknown, or the new name is taken), GALLERY_NAME */
  async rename(name: string, to: string): Promise<void> {
    const clean = cleanName(to)
    await this.write(async (tables) => {
      const { id } = await this.find(tables, name)
      if ((await findPeople(tables, [clean])).has(clean))
        throw new GalleryError(
          'GALLERY_PERSON',
          `${this.store.where}: ${clean} is there already; merge ${name} into it`,
        )
      await tables.people.update({ where: isIn('id', [id]), valuesSql: { name: quote(clean) } })
    })
  }

  /** Gives all faces of a person to another, whose groups and metadata stay. @throws GalleryError GALLERY_PERSON */
  async merge(name: string, into: string): Promise<void> {
    await this.write(async (tables) => {
      const from = await this.find(tables, name)
      const to = await this.find(tables, into)
      if (from.id === to.id)
        throw new GalleryError('GALLERY_PERSON', `${name} and ${into} are the same person`)
      const valuesSql = { person: quote(to.id), groups: sqlList(Array.from(to.groups)) }
      await tables.faces.update({ where: isIn('person', [from.id]), valuesSql })
      await tables.people.delete(isIn('id', [from.id]))
    })
  }

  /**
   * Deletes people with all their faces, and their bytes from the disk: all files are written anew,
   * which takes seconds where there are a million faces; so delete many at once. On a disk without room for that they are
   * deleted too, and embeddings and pictures overwritten in place.
   * @throws GalleryError GALLERY_PERSON: somebody is not there; then nobody is deleted
   */
  async delete(names: readonly string[]): Promise<void> {
    textsOf(names, 'names')
    await this.write(async (tables) => {
      const rows = []
      for (const name of names) rows.push(await this.find(tables, name))
      if (rows.length === 0) return
      const ids = rows.map(({ id }) => id)
      await this.erase(tables, { faces: isIn('person', ids), people: isIn('id', ids) })
    })
  }

  /**
   * Deletes single faces and their bytes; the people stay. Ids that are not there are passed over.
   * @returns how many were there
   */
  async deleteFaces(ids: readonly string[]): Promise<number> {
    if (textsOf(ids, 'ids').length === 0) return 0
    return this.write(async (tables) => {
      const there = await tables.faces.countRows(isIn('id', ids))
      await this.erase(tables, { faces: isIn('id', ids) })
      return there
    })
  }

  /**
   * Gives single faces to a person, who is there already (see `addPeople`).
   * @throws GalleryError GALLERY_PERSON, GALLERY_FACE (one is not there; then none is moved)
   */
  async moveFaces(ids: readonly string[], to: string): Promise<void> {
    const wanted = [...new Set(textsOf(ids, 'ids'))]
    if (wanted.length === 0) return
    await this.write(async (tables) => {
      const person = await this.find(tables, to)
      await this.findFaces(tables, wanted)
      const valuesSql = { person: quote(person.id), groups: sqlList(Array.from(person.groups)) }
      await tables.faces.update({ where: isIn('id', wanted), valuesSql })
    })
  }

  /** @throws GalleryError GALLERY_FACE: one of these ids is no face here */
  async checkIds(ids: readonly string[]): Promise<void> {
    const wanted = [...new Set(textsOf(ids, 'ids'))]
    if (wanted.length > 0) await this.store.read((tables) => this.findFaces(tables, wanted))
  }

  /**
   * Is it this person's face? The cosine with the most similar of the person's faces.
   * @param embedding L2-normalised, of the gallery's length
   * @throws GalleryError GALLERY_PERSON (nobody of this name, or without a face), GALLERY_EMBEDDING
   */
  async compare(name: string, embedding: Float32Array): Promise<Compared> {
    checkEmbedding(embedding, this.model.dim, 'the face')
    return this.store.read(async (tables) =>
      compareIn(tables, await this.find(tables, name), embedding),
    )
  }

  /** Removes bytes that a deletion cut short, a rename or an older version has left on the disk. */
  async purge(): Promise<void> {
    await this.write((tables) => purge(tables, this.store.where, this.store.exactFaces))
  }

  /**
   * Puts small files together and removes what older versions have left, as writes do now and then:
   * for the end of many calls of `enroll`. Who is reading begins again.
   */
  async tidy(): Promise<void> {
    await this.write((tables) => compact(tables, new Date()))
  }

  /** Pairs of faces more similar than `threshold`, the most similar first. See `Duplicate`. */
  async duplicates(threshold: number): Promise<Duplicate[]> {
    checkIdentify({ threshold })
    return this.store.read((tables) => duplicatesIn(tables, this.model.dim, threshold))
  }

  /** For export: tables to read from, in one go. */
  async read<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return this.store.read(work)
  }

  async stats(): Promise<GalleryStats> {
    const { where, exactFaces } = this.store
    const counts = await this.store.read(async ({ people, faces }) => {
      const index = await faces.indexStats(INDEX)
      const total = await faces.countRows()
      const search = index && total > exactFaces ? ('index' as const) : ('exact' as const)
      return { people: await people.countRows(), faces: total, search }
    })
    return { model: this.model, ...counts, bytes: isRemote(where) ? null : await bytesIn(where) }
  }

  /** Waits for what is under way. Calling it again does nothing. */
  async close(): Promise<void> {
    await this.store.close()
    await this.search.close()
  }

  private erase(tables: Tables, gone: Gone): Promise<void> {
    return erase(tables, this.store.where, this.store.exactFaces, gone)
  }

  private async findFaces({ faces }: Tables, ids: readonly string[]): Promise<void> {
    const rows = await faces.query().where(isIn('id', ids)).select(['id']).toArray()
    const there = new Set((rows as { id: string }[]).map(({ id }) => id))
    const missing = ids.find((id) => !there.has(id))
    if (missing !== undefined)
      throw new GalleryError(
        'GALLERY_FACE',
        `${this.store.where}: no face has the id ${JSON.stringify(missing.slice(0, 80))}; arcface gallery show names those of a person`,
      )
  }

  private async find(tables: Tables, name: string): Promise<PersonRow> {
    // What may not be stored any more may have been before, and must still be found.
    const clean = normalName(name)
    const row = (await findPeople(tables, [clean])).get(clean)
    if (row) return row
    throw new GalleryError(
      'GALLERY_PERSON',
      `${this.store.where}: nobody is called ${JSON.stringify(visibleName(clean))}`,
    )
  }

  private async write<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    return this.store.write(async (tables) => {
      const { where, exactFaces } = this.store
      try {
        const before = await tables.faces.version()
        const result = await work(tables)
        // What was asked for is done, whatever becomes of the upkeep; a later write tries that again.
        await tidy(tables, where, before, exactFaces).catch(() => undefined)
        return result
      } finally {
        keepReserve(where)
      }
    })
  }
}

const sqlList = (groups: readonly string[]) =>
  groups.length === 0
    ? "array_remove(make_array(''), '')"
    : `make_array(${groups.map(quote).join(', ')})`
