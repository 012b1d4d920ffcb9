import {
  DESCRIPTION,
  type Description,
  type Enrolled,
  type ListedPerson,
  type NewFace,
  type NewPerson,
  type PersonRow,
  type SweepOptions,
} from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { addPeopleIn } from '../faces/add.js'
import { moveIn, ownedBy } from '../faces/move.js'
import { findFaces } from '../faces/pages.js'
import { addTogether, hasRoom, type Together } from '../faces/together.js'
import { describeIn, mergeIn, renameIn } from '../people/change.js'
import { findPerson } from '../people/find.js'
import { personIn } from '../people/pages.js'
import {
  checkClock,
  checkDescription,
  checkFaces,
  checkOptions,
  checkPeople,
  checkSweep,
  cleanName,
  normalName,
  textsOf,
} from '../rules.js'
import { isRemote } from '../store/place.js'
import { isIn } from '../store/sql.js'
import { Store, type StoreOptions } from '../store/store.js'
import type { Tables } from '../store/tables.js'
import { erase, type Gone, keepReserve, remove } from '../upkeep/erase.js'
import { type Erasure, witnessed } from '../upkeep/erasure.js'
import { dropKeys, erasePeople, renewKeys, settleKeys } from '../upkeep/keys.js'
import { OWED_MS, owesDeletions } from '../upkeep/owed.js'
import { Private } from '../upkeep/private.js'
import { dueIn, lastWritten, type Swept } from '../upkeep/sweep.js'
import { compact, purge, tidy } from '../upkeep/upkeep.js'
import { GalleryReader, storeOf } from './reader.js'

/**
 * Opens the gallery of a folder (a path or a `file:` URL) or of object storage (`s3://...`), or makes one where none is and a
 * model is given. Without a model: the gallery as it is, for listing and changing.
 * @throws GalleryError GALLERY_MISSING, GALLERY_MODEL, GALLERY_FORMAT, GALLERY_LOCKED,
 *   GALLERY_DISK_FULL, GALLERY_ACCESS, GALLERY_DAMAGED, GALLERY_ENGINE, GALLERY_STORE, GALLERY_USE
 */
export async function openGallery(
  path: string | URL,
  options: StoreOptions = {},
): Promise<Gallery> {
  return new Gallery(await Store.open(path, options))
}

/** Whether somebody, as they are in the turn that changes them, is as was expected; else they stay so. */
export type PersonCheck = (person: ListedPerson) => boolean

const anyhow: PersonCheck = () => true

/** @throws GalleryError GALLERY_CHANGED */
async function checkPerson(tables: Tables, name: string, isExpected: PersonCheck): Promise<void> {
  if (isExpected === anyhow) return
  const person = await personIn(tables, name)
  if (isExpected(person)) return
  throw new GalleryError('GALLERY_CHANGED', `${person.name} was changed meanwhile`, {
    hint: 'Read the person again.',
  })
}

/** Each once, as they are in this turn. */
async function peopleOf(
  tables: Tables,
  names: readonly string[],
  isExpected: PersonCheck,
): Promise<PersonRow[]> {
  const people = new Map<string, PersonRow>()
  for (const name of textsOf(names, 'names')) {
    const row = await findPerson(tables, name)
    people.set(row.id, row)
    await checkPerson(tables, name, isExpected)
  }
  return [...people.values()]
}

/**
 * People and their faces, found by embedding. What a method has promised is on disk when it
 * resolves. Several processes may read while one writes; further writers wait, on object storage they need not. All methods throw
 * GalleryError GALLERY_STORE, GALLERY_DAMAGED, GALLERY_ACCESS and GALLERY_USE (closed); those that write also
 * GALLERY_LOCKED and GALLERY_DISK_FULL.
 */
export class Gallery extends GalleryReader {
  /** The last in the line of those that write, if it adds faces and has not begun: more may go with it. */
  #together: Together | undefined
  /** Until the bytes of what was deleted are removed. */
  #owed: NodeJS.Timeout | undefined
  readonly #private = new Private(storeOf(this).where)

  /**
   * Adds faces, and people who are not there yet, in one commit: many at once are much faster, also by calls that do not
   * wait for each other. A face whose photograph or embedding the person has already is not added again, whoever enrolled
   * it.
   * @returns the faces' ids, also of those that were there
   * @throws GalleryError GALLERY_EMBEDDING, GALLERY_NAME, GALLERY_METADATA, GALLERY_CONSENT, GALLERY_USE (an id, or a list that is
   *   none); then none is added
   */
  async enroll(faces: readonly NewFace[]): Promise<string[]> {
    return (await this.add(faces)).map(({ id }) => id)
  }

  /** `enroll`, and what became of each face. The bytes of those that were replaced stay until `purge`. */
  async add(faces: readonly NewFace[]): Promise<Enrolled[]> {
    const given = checkFaces(faces, this.model.dim)
    if (given.length === 0) return []
    storeOf(this).checkOpen()
    const { rotation } = storeOf(this)
    const checked = rotation
      ? given.map((face) => ({ ...face, embedding: rotation.turn(face.embedding) }))
      : given
    if (!(this.#together && hasRoom(this.#together, checked))) this.#together = this.#begin()
    const { calls, written } = this.#together
    const mine = calls.push(checked) - 1
    const result = (await written)[mine]!
    if (result.status === 'rejected') throw result.reason
    return result.value
  }

  /**
   * Adds people who are not there yet, without faces; those who are stay as they are.
   * @returns how many were added
   * @throws GalleryError GALLERY_NAME, GALLERY_METADATA, GALLERY_CONSENT, GALLERY_USE
   */
  async addPeople(people: readonly NewPerson[]): Promise<number> {
    const checked = checkPeople(people)
    if (checked.length === 0) return 0
    return this.#write((tables) => addPeopleIn(tables, checked))
  }

  /**
   * Replaces what is given of groups, metadata, consent and how long the person is kept.
   * @throws GalleryError GALLERY_PERSON, GALLERY_NAME, GALLERY_METADATA, GALLERY_CONSENT, GALLERY_USE
   */
  async describe(name: string, change: Description): Promise<void> {
    checkOptions('describe', change, DESCRIPTION)
    const checked = checkDescription(change)
    await this.#write((tables) => describeIn(tables, name, checked))
  }

  /**
   * Renames a person, replaces what `describe` does, or all of it, in one turn: no other write of a folder comes between
   * `isExpected` and the change.
   * @returns the person then
   * @throws GalleryError as `rename` and `describe`; GALLERY_CHANGED
   */
  async change(
    name: string,
    { name: to, ...change }: Description & { readonly name?: string },
    isExpected: PersonCheck = anyhow,
  ): Promise<ListedPerson> {
    checkOptions('change', change, DESCRIPTION)
    const description = checkDescription(change)
    const before = normalName(name)
    const now = to === undefined || normalName(to) === before ? before : cleanName(to)
    return this.#write(async (tables) => {
      await checkPerson(tables, before, isExpected)
      if (now !== before) await renameIn(tables, before, now)
      if (Object.keys(description).length > 0) await describeIn(tables, now, description)
      return personIn(tables, now)
    })
  }

  /** @throws GalleryError GALLERY_PERSON, GALLERY_PERSON_EXISTS (the new name is taken), GALLERY_NAME, GALLERY_USE */
  async rename(name: string, to: string): Promise<void> {
    const clean = cleanName(to)
    await this.#write((tables) => renameIn(tables, name, clean))
  }

  /**
   * Gives all faces of a person to another, whose groups, metadata and consent stay.
   * @throws GalleryError GALLERY_PERSON, GALLERY_PERSON_EXISTS (it is the same person), GALLERY_CHANGED, GALLERY_USE
   */
  async merge(name: string, into: string, isExpected: PersonCheck = anyhow): Promise<void> {
    await this.#write(async (tables) => {
      await checkPerson(tables, name, isExpected)
      await mergeIn(tables, name, into)
    })
  }

  /**
   * Deletes people with all their faces: nobody finds them any more when it resolves. Their bytes leave the disk with the
   * next `purge`, which comes by itself ten seconds later, and before the gallery is closed: all files are written anew,
   * which takes seconds where there are a million faces. On a disk without room for that they are deleted too, and
   * embeddings and pictures overwritten in place at once. Of an encrypted gallery the people's keys are destroyed at once.
   * @throws GalleryError GALLERY_PERSON: somebody is not there, GALLERY_CHANGED; then nobody is deleted
   */
  async delete(names: readonly string[], isExpected: PersonCheck = anyhow): Promise<void> {
    await this.#write(async (tables) =>
      this.#removePeople(tables, await peopleOf(tables, names, isExpected), (gone) =>
        this.#remove(tables, gone),
      ),
    )
  }

  /** `delete`, bytes and all, and a search of tables and all files afterwards for what is left of them: what a receipt says. Errors as there. */
  async erase(names: readonly string[], isExpected: PersonCheck = anyhow): Promise<Erasure> {
    return this.#write(async (tables) =>
      this.#erasePeople(tables, await peopleOf(tables, names, isExpected)),
    )
  }

  /**
   * Erases everybody whose consent has expired or whose `retainUntil` has passed, as `erase`. It may be called by a timer, and
   * by several processes: who is due is decided in the turn that erases them.
   * @throws GalleryError GALLERY_CLOCK: the gallery was written to later than the clock says; then nobody is erased
   */
  async sweep(options: SweepOptions = {}): Promise<Swept> {
    const { now, dryRun, trustClock } = checkSweep(options)
    const dueNow = async (tables: Tables) => {
      if (!trustClock) checkClock(tables.called, now, await lastWritten(tables))
      return dueIn(tables, now)
    }
    // Most sweeps find nobody, and need no turn for it.
    const found = await storeOf(this).read(dueNow)
    const told = (due: typeof found) => due.map((one) => one.due)
    if (dryRun || found.length === 0) return { now, due: told(found), erasure: null }
    return this.#write(async (tables) => {
      const due = await dueNow(tables)
      if (due.length === 0) return { now, due: [], erasure: null }
      const rows = due.map(({ row }) => row)
      return { now, due: told(due), erasure: await this.#erasePeople(tables, rows) }
    })
  }

  /**
   * Deletes single faces, as `delete` does; the people stay. Ids that are not there are passed over.
   * @returns how many were there
   */
  async deleteFaces(ids: readonly string[]): Promise<number> {
    if (textsOf(ids, 'ids').length === 0) return 0
    return this.#write(async (tables) => {
      const gone = isIn('id', ids)
      const there = await tables.faces.countRows(gone)
      if (tables.vault)
        await renewKeys(tables, tables.vault, [...(await ownedBy(tables, ids)).keys()], () =>
          tables.faces.delete(gone),
        )
      else await this.#remove(tables, { faces: gone })
      return there
    })
  }

  /**
   * Gives single faces to a person, who is there already (see `addPeople`; `split` makes one).
   * @throws GalleryError GALLERY_PERSON, GALLERY_FACE (one is not there; then none is moved), GALLERY_USE
   */
  async moveFaces(ids: readonly string[], to: string): Promise<void> {
    const wanted = [...new Set(textsOf(ids, 'ids'))]
    if (wanted.length > 0) await this.#write((tables) => moveIn(tables, wanted, to))
  }

  /**
   * Gives single faces to a person who is made for it.
   * @throws GalleryError GALLERY_PERSON_EXISTS (somebody has the name), GALLERY_FACE (one is not there); then all is as it
   *   was; GALLERY_NAME, GALLERY_USE
   */
  async split(ids: readonly string[], to: string): Promise<void> {
    const wanted = [...new Set(textsOf(ids, 'ids'))]
    const [person] = checkPeople([{ name: to }])
    await this.#write(async (tables) => {
      await findFaces(tables, wanted)
      if ((await addPeopleIn(tables, [person!])) === 0)
        throw new GalleryError(
          'GALLERY_PERSON_EXISTS',
          `${tables.called}: ${person!.name} is there already`,
          { hint: 'Move the faces to that person.' },
        )
      await moveIn(tables, wanted, person!.name)
    })
  }

  /** Removes bytes that a deletion cut short, a rename or an older version has left on the disk. */
  async purge(): Promise<void> {
    await this.#write(async (tables) => {
      await purge(tables, storeOf(this).room)
      if (tables.vault) await dropKeys(tables, tables.vault)
    })
  }

  /**
   * Puts small files together and removes what older versions have left, as writes do now and then:
   * for the end of many calls of `enroll`. Who is reading begins again.
   */
  async tidy(): Promise<void> {
    await this.#write((tables) => compact(tables, new Date()))
  }

  /** Of a plain gallery: what goes is found no more, and its bytes follow. */
  async #remove(tables: Tables, gone: Gone): Promise<void> {
    if (!(await remove(tables, storeOf(this).room, gone))) return
    this.#owed ??= setTimeout(() => void this.#settle().catch(() => {}), OWED_MS).unref()
  }

  /** Removes bytes that are owed, if they are. What fails is owed on: another write, or another process, tries again. */
  async #settle(): Promise<void> {
    if (this.#owed === undefined) return
    clearTimeout(this.#owed)
    this.#owed = undefined
    await this.#write(async (tables) => {
      if (owesDeletions(tables.where, 0)) await purge(tables, storeOf(this).room)
    })
  }

  override async close(why?: GalleryError): Promise<void> {
    // It is in the line of those that write when nobody else gets into that any more.
    const settled = this.#settle()
    settled.catch(() => {}) // told where it is waited for
    try {
      await super.close(why)
    } finally {
      await settled
    }
  }

  #erasePeople(tables: Tables, people: readonly PersonRow[]): Promise<Erasure> {
    const method = tables.vault
      ? 'key destroyed'
      : isRemote(tables.where)
        ? 'store asked'
        : 'files rewritten'
    return witnessed(tables, people, method, () =>
      this.#removePeople(tables, people, (gone) => erase(tables, storeOf(this).room, gone)),
    )
  }

  /** @param plain removes what is not encrypted */
  async #removePeople(
    tables: Tables,
    people: readonly PersonRow[],
    plain: (gone: Gone) => Promise<void>,
  ): Promise<void> {
    const ids = people.map(({ id }) => id)
    if (ids.length === 0) return
    if (tables.vault) await erasePeople(tables, tables.vault, ids)
    else await plain({ faces: isIn('person', ids), people: isIn('id', ids) })
  }

  #begin(): Together {
    const calls: Together['calls'] = []
    const begun = () => {
      if (this.#together?.calls === calls) this.#together = undefined
    }
    const written = this.#write((tables) => {
      begun()
      return addTogether(tables, calls, (work) => storeOf(this).guarded(work))
    })
    written.catch(begun) // it never had its turn
    return { calls, written }
  }

  #write<T>(work: (tables: Tables) => Promise<T>): Promise<T> {
    // Whoever adds faces from now on comes after this.
    this.#together = undefined
    const store = storeOf(this)
    return store.write(async (tables) => {
      try {
        await settleKeys(tables)
        const before = await tables.faces.version()
        const result = await work(tables)
        // What was asked for is done, whatever becomes of the upkeep; a later write tries that again.
        await tidy(tables, before, store.room).catch(() => undefined)
        return result
      } finally {
        keepReserve(store.where)
        this.#private.keep()
      }
    })
  }
}
