import { cosine, SAME_PICTURE } from '@arcface/vision'
import { GalleryError } from '../errors.js'
import { embeddingOf, type FaceRow, type PersonRow, type StoredFace } from '../store/rows.js'
import { areIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import type { NewFace } from './new.js'

export type KnownFace = Pick<FaceRow, 'id' | 'person' | 'photo' | 'print' | 'origin'>
export const KNOWN = ['id', 'person', 'photo', 'print', 'origin']

/** Faces that are there and may be the same as those to be added. */
export class Known {
  private readonly byId = new Map<string, KnownFace>()
  private readonly byContent = new Map<string, KnownFace[]>()
  private readonly byOrigin = new Map<string, KnownFace[]>()
  /** Of people, without hashes: from a time when there were none. */
  private readonly old: { id: string; person: string; embedding: Float32Array }[] = []

  static async read(
    { faces: table }: Tables,
    faces: readonly NewFace[],
    prints: readonly string[],
    people: ReadonlyMap<string, PersonRow>,
  ): Promise<Known> {
    const known = new Known()
    const given = (key: 'id' | 'photo' | 'origin') => faces.flatMap((face) => face[key] ?? [])
    for (const where of [
      ...areIn('id', given('id')),
      ...areIn('print', prints),
      ...areIn('photo', given('photo')),
      ...areIn('origin', given('origin')),
    ])
      for (const row of (await table.query().where(where).select(KNOWN).toArray()) as KnownFace[])
        if (!known.byId.has(row.id)) known.add(row)
    for (const where of areIn(
      'person',
      [...people.values()].map(({ id }) => id),
    ))
      for await (const batch of table
        .query()
        .where(`print IS NULL AND ${where}`)
        .select(['id', 'person', 'embedding']))
        for (const face of batch as Iterable<StoredFace<'id' | 'person'>>)
          known.old.push({ id: face.id, person: face.person, embedding: embeddingOf(face) })
    return known
  }

  add(face: KnownFace): void {
    this.byId.set(face.id, face)
    for (const content of [face.photo, face.print]) if (content) push(this.byContent, content, face)
    if (face.origin) push(this.byOrigin, face.origin, face)
  }

  /**
   * The id of the face that this one is already: of the person, or of somebody else's (who was called otherwise then) if
   * it comes from the same file.
   * @throws GalleryError GALLERY_USE: the id is another face's
   */
  same(face: NewFace, print: string, person: string | undefined): string | undefined {
    const { photo, origin } = face
    const alike = [...this.of(photo), ...this.of(print)]
    const there =
      alike.find((one) => one.person === person) ??
      this.old.find(
        (one) => one.person === person && cosine(one.embedding, face.embedding) > SAME_PICTURE,
      ) ??
      (origin !== undefined && photo !== undefined
        ? this.of(photo).find((one) => one.origin === origin)
        : undefined)
    if (there !== undefined) return there.id
    const taken = face.id === undefined ? undefined : this.byId.get(face.id)
    if (taken === undefined) return undefined
    if (taken.print === print) return taken.id // moved or renamed since
    throw new GalleryError('GALLERY_USE', `the id ${face.id} is another face's`)
  }

  /** Faces of the same person from the same path and of another photograph. */
  replacedBy({ person, photo, origin }: KnownFace): string[] {
    const before = origin === null || photo === null ? [] : (this.byOrigin.get(origin) ?? [])
    return before.filter((one) => one.person === person && one.photo !== photo).map(({ id }) => id)
  }

  private of(content: string | undefined): KnownFace[] {
    return content === undefined ? [] : (this.byContent.get(content) ?? [])
  }
}

export function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
