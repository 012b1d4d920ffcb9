import { cosine, SAME_PICTURE } from '../similarity/cosine.js'
import type { FaceRow, NewFace } from './face.js'
import type { GalleryRefusal } from './refuse.js'

export type KnownFace = Pick<FaceRow, 'id' | 'person' | 'photo' | 'print' | 'origin'>

/** Faces that are there and may be the same as those to be added. */
export class KnownFaces {
  private readonly byId = new Map<string, KnownFace>()
  private readonly byContent = new Map<string, KnownFace[]>()
  private readonly byOrigin = new Map<string, KnownFace[]>()
  private readonly old: Pick<FaceRow, 'id' | 'person' | 'embedding'>[] = []

  constructor(private readonly refuse: GalleryRefusal) {}

  /** Passed over where it is known already. */
  add(face: KnownFace): void {
    if (this.byId.has(face.id)) return
    this.byId.set(face.id, face)
    for (const content of [face.photo, face.print]) if (content) push(this.byContent, content, face)
    if (face.origin) push(this.byOrigin, face.origin, face)
  }

  /** One without hashes: from a time when there were none. */
  addOld(face: Pick<FaceRow, 'id' | 'person' | 'embedding'>): void {
    this.old.push(face)
  }

  /**
   * The id of the face that this one is already: of the person, or of somebody else's (who was called otherwise then) if
   * it comes from the same file. Throws USE: the id is another face's.
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
    throw this.refuse('USE', `the id ${face.id} is another face's`)
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

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}
