import {
  type Alike,
  alikeOf,
  byCodePoint,
  type Compared,
  closer,
  type FacesPage,
  type Filter,
  type GalleryFace,
  type GalleryModel,
  galleryFace,
  type Identified,
  type IdentifyOptions,
  type ListedPerson,
  type PeoplePage,
  type PersonRow,
  personOf,
  SAME_PICTURE,
  type Searched,
} from '@arcface/vision'
import { findFace, findPerson } from './find.js'
import type { HeldGallery } from './held.js'
import { byTime } from './order.js'
import { plainProduct } from './product.js'
import {
  checkEmbedding,
  checkFacesPage,
  checkIdentify,
  checkPeoplePage,
  faceless,
  groupsOf,
  identifyHeld,
  listOf,
  textOf,
  textsOf,
} from './rules.js'
import type { GalleryStore } from './store.js'

export interface GalleryStats {
  readonly model: GalleryModel
  readonly people: number
  readonly faces: number
  readonly encrypted: boolean
}

/** What is asked of a gallery in the worker, but its changes. */
export class GalleryReader {
  constructor(protected readonly store: GalleryStore) {}

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
    return listed(held, findPerson(held, this.store.where, name).person)
  }

  async faces(name: string, page: FacesPage = {}): Promise<GalleryFace[]> {
    checkFacesPage(page)
    const { after, limit } = page
    const held = await this.store.current()
    const { person } = findPerson(held, this.store.where, name)
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
    const face = held.at(findFace(held, this.store.where, text))
    return galleryFace(face, held.people.get(face.person)?.name ?? '')
  }

  async thumbnail(id: string): Promise<Uint8Array | null> {
    const text = textOf(id, 'id')
    const held = await this.store.current()
    findFace(held, this.store.where, text)
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
    const { person } = findPerson(held, this.store.where, name)
    let best: Compared | undefined
    for (const row of held.rowsOf(person.id))
      best = closer(best, embedding, { ...held.at(row), embedding: held.faces.embedding(row) })
    if (best) return best
    throw faceless(person.name)
  }

  async alike(
    ids: readonly string[],
    threshold: NonNullable<IdentifyOptions['threshold']> = SAME_PICTURE,
  ): Promise<Alike[]> {
    const checked = checkIdentify({ top: 2, threshold })
    const texts = textsOf(ids, 'ids')
    const held = await this.store.current()
    const rows = [...new Set(texts)].flatMap((id) => held.rowOf(id) ?? [])
    if (rows.length === 0) return []
    const faces = rows.map((row) => held.at(row))
    const names = new Map(
      faces.map(({ person }) => [person, held.people.get(person)?.name ?? ''] as const),
    )
    const probes = rows.map((row) => held.faces.embedding(row).slice())
    return alikeOf(faces, names, await identifyHeld(plainProduct, held, probes, checked))
  }
}

const listed = (held: HeldGallery, person: PersonRow): ListedPerson => ({
  ...personOf(person),
  faces: held.rowsOf(person.id).size,
})
