import type { HeldGallery } from './held.js'
import { noFace, noPerson, normalName } from './rules.js'

/** Throws PERSON, USE. */
export function findPerson(held: HeldGallery, where: string, name: string) {
  const clean = normalName(name)
  const found = held.person(clean)
  if (found) return found
  throw noPerson(where, clean)
}

/** Throws FACE. */
export function findFace(held: HeldGallery, where: string, id: string): number {
  const row = held.rowOf(id)
  if (row !== undefined) return row
  throw noFace(where, id)
}
