import {
  type Alike,
  alikeOf,
  type Compared,
  closer,
  type Description,
  type Enrolled,
  type FacesPage,
  type Filter,
  type GalleryFace,
  type GalleryModel,
  galleryFace,
  type Identified,
  type IdentifyOptions,
  importRows,
  type ListedPerson,
  type NewFace,
  type NewPerson,
  type PeoplePage,
  type PersonRow,
  personOf,
  SAME_PICTURE,
  type Searched,
} from '@arcface/vision'
import { digestOf } from '../models/checksum.js'
import type { HeldGallery } from './held.js'
import * as plan from './plan.js'
import { plainProduct } from './product.js'
import {
  checkDescription,
  checkEmbedding,
  checkFaces,
  checkFacesPage,
  checkIdentify,
  checkOptions,
  checkPeople,
  checkPeoplePage,
  cleanName,
  groupsOf,
  identifyHeld,
  listOf,
  refuse,
  textOf,
  textsOf,
} from './rules.js'
import type { GalleryStore } from './store.js'
import { exported, importedRows } from './transfer.js'

export interface GalleryStats {
  readonly model: GalleryModel
  readonly people: number
  readonly faces: number
  readonly encrypted: boolean
}

/** What is asked of a gallery in the worker; `Gallery` says what each method does. */
export class GalleryService {
  constructor(private readonly store: GalleryStore) {}

  async stats(): Promise<GalleryStats> {
    const { model, encrypted } = this.store
    const { people, faces } = await this.store.current()
    return { model, people: people.size, faces: faces.size, encrypted }
  }

  async count(filter: Filter = {}): Promise<Searched> {
    const groups = groupsOf(filter)
    const { people, faces } = await this.store.current()
    if (groups.length === 0) return { people: people.size, faces: faces.size }
    const allowed = people.in(groups)
    return { people: allowed.size, faces: faces.countOf(allowed) }
  }

  async people(page: PeoplePage = {}): Promise<ListedPerson[]> {
    const { groups = [], after, limit } = checkPeoplePage(page)
    const held = await this.store.current()
    return [...held.people.entries()]
      .map(([, person]) => person)
      .filter((person) => groups.every((group) => person.groups.includes(group)))
      .filter(({ name }) => after === undefined || byCodePoint(name, after) > 0)
      .sort((a, b) => byCodePoint(a.name, b.name))
      .slice(0, limit)
      .map((person) => listed(held, person))
  }

  async person(name: string): Promise<ListedPerson> {
    const held = await this.store.current()
    return listed(held, plan.findPerson(held, this.store.where, name).person)
  }

  async faces(name: string, page: FacesPage = {}): Promise<GalleryFace[]> {
    checkFacesPage(page)
    const { after, limit } = page
    const held = await this.store.current()
    const { person } = plan.findPerson(held, this.store.where, name)
    return [...held.rowsOf(person.id)]
      .map((row) => held.at(row))
      .filter((face) => !after || byTime(face, { ...after, added: after.added.getTime() }) > 0)
      .sort(byTime)
      .slice(0, limit)
      .map((face) => galleryFace(face, person.name))
  }

  async face(id: string): Promise<GalleryFace> {
    const text = textOf(id, 'id')
    const held = await this.store.current()
    const face = held.at(plan.findFace(held, this.store.where, text))
    return galleryFace(face, held.people.get(face.person)?.name ?? '')
  }

  async thumbnail(id: string): Promise<Uint8Array | null> {
    const text = textOf(id, 'id')
    const held = await this.store.current()
    plan.findFace(held, this.store.where, text)
    return (await this.thumbnails([text])).get(text) ?? null
  }

  async thumbnails(ids: readonly string[]): Promise<Map<string, Uint8Array>> {
    const held = await this.store.current()
    const rows = textsOf(ids, 'ids').flatMap((id) => {
      const row = held.rowOf(id)
      const thumbnail = row === undefined ? null : held.at(row).thumbnail
      return thumbnail === null ? [] : [[id, thumbnail] as const]
    })
    const pictures = await this.store.pictures(rows.map(([, row]) => row))
    return new Map(
      rows.flatMap(([id, row]) => {
        const picture = pictures.get(row)
        return picture ? [[id, picture] as const] : []
      }),
    )
  }

  async enroll(faces: readonly NewFace[]): Promise<string[]> {
    return (await this.add(faces)).map(({ id }) => id)
  }

  async add(faces: readonly NewFace[]): Promise<Enrolled[]> {
    const checked = checkFaces(faces, this.store.model.dim)
    // Sums take time, but the write has its turn now.
    const planning = Promise.all(checked.map(printOf)).then(
      (prints) => (held: HeldGallery) => plan.enrolling(held, checked, prints),
    )
    return this.store.write(planning)
  }

  async addPeople(people: readonly NewPerson[]): Promise<number> {
    const checked = checkPeople(people)
    return this.store.write((held) => plan.addingPeople(held, checked))
  }

  async describe(name: string, change: Description): Promise<void> {
    checkOptions('describe', change, { groups: 'any', metadata: 'any' })
    const checked = checkDescription(change)
    await this.#change((held, where) => plan.describing(held, where, name, checked))
  }

  async rename(name: string, to: string): Promise<void> {
    const clean = cleanName(to)
    await this.#change((held, where) => plan.renaming(held, where, name, clean))
  }

  merge(name: string, into: string): Promise<void> {
    return this.#change((held, where) => plan.merging(held, where, name, into))
  }

  async moveFaces(ids: readonly string[], to: string): Promise<void> {
    const texts = textsOf(ids, 'ids')
    if (texts.length > 0)
      await this.#change((held, where) => plan.movingFaces(held, where, texts, to))
  }

  async delete(names: readonly string[]): Promise<void> {
    const texts = textsOf(names, 'names')
    await this.#change((held, where) => plan.deletingPeople(held, where, texts))
  }

  async deleteFaces(ids: readonly string[]): Promise<number> {
    const texts = textsOf(ids, 'ids')
    return this.store.write((held) => plan.deletingFaces(held, texts))
  }

  async identify(embedding: Float32Array, options: IdentifyOptions = {}): Promise<Identified> {
    return (await this.identifyMany([embedding], options))[0]!
  }

  async identifyMany(
    embeddings: readonly Float32Array[],
    options: IdentifyOptions = {},
  ): Promise<Identified[]> {
    const checked = checkIdentify(options)
    for (const [i, one] of listOf(embeddings, 'embeddings').entries())
      checkEmbedding(
        one,
        this.store.model.dim,
        embeddings.length > 1 ? `face ${i + 1}` : 'the face',
      )
    if (embeddings.length === 0) return []
    return identifyHeld(plainProduct, await this.store.current(), embeddings, checked)
  }

  async compare(name: string, embedding: Float32Array): Promise<Compared> {
    checkEmbedding(embedding, this.store.model.dim, 'the face')
    const held = await this.store.current()
    const { person } = plan.findPerson(held, this.store.where, name)
    let best: Compared | undefined
    for (const row of held.rowsOf(person.id))
      best = closer(best, embedding, { ...held.at(row), embedding: held.faces.embedding(row) })
    if (best) return best
    throw refuse('PERSON', `${JSON.stringify(person.name)} has no face to compare with`)
  }

  async alike(
    ids: readonly string[],
    threshold: NonNullable<IdentifyOptions['threshold']> = SAME_PICTURE,
  ): Promise<Alike[]> {
    const checked = checkIdentify({ top: 2, threshold })
    const texts = textsOf(ids, 'ids')
    const held = await this.store.current()
    const rows = texts.flatMap((id) => held.rowOf(id) ?? [])
    if (rows.length === 0) return []
    const faces = rows.map((row) => held.at(row))
    const names = new Map(
      faces.map(({ person }) => [person, held.people.get(person)?.name ?? ''] as const),
    )
    const probes = rows.map((row) => held.faces.embedding(row).slice())
    return alikeOf(faces, names, await identifyHeld(plainProduct, held, probes, checked))
  }

  export(): Promise<Blob> {
    return exported(this.store)
  }

  import(
    file: Blob | string,
    signal: AbortSignal,
    onProgress: (done: number) => void,
  ): Promise<number> {
    const rows = importedRows(file, this.store.model, signal)
    const thereOf = async (ids: readonly string[]) => {
      const held = await this.store.current()
      return new Set(ids.filter((id) => held.rowOf(id) !== undefined))
    }
    return importRows(this, rows, thereOf, onProgress)
  }

  close(): Promise<void> {
    return this.store.close()
  }

  #change(make: (held: HeldGallery, where: string) => plan.Plan<void>): Promise<void> {
    return this.store.write((held) => make(held, this.store.where))
  }
}

/** See `FaceRow`. */
const printOf = ({ embedding }: NewFace): Promise<string> =>
  digestOf(new Uint8Array(Float32Array.from(embedding).buffer), 'sha256')

const listed = (held: HeldGallery, person: PersonRow): ListedPerson => ({
  ...personOf(person),
  faces: held.rowsOf(person.id).size,
})

interface Timed {
  readonly id: string
  readonly added: number
}

const byTime = (a: Timed, b: Timed) => a.added - b.added || byCodePoint(a.id, b.id)

/** As Node's gallery sorts; `<` goes by halves of surrogate pairs. */
function byCodePoint(a: string, b: string): number {
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at++
  // Of a pair whose first halves are equal the second ones decide; they are in order.
  return (a.codePointAt(at) ?? -1) - (b.codePointAt(at) ?? -1)
}
