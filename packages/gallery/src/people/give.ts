import type { PersonRow } from '@arcface/vision'
import type { Table } from '../store/lance.js'

/** Makes faces a person's, and their groups the person's. @param where a condition @returns how many */
export function giveFaces(faces: Table, where: string, to: PersonRow): Promise<number> {
  return faces.set(where, { person: to.id, groups: Array.from(to.groups) })
}
