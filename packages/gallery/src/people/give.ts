import type { PersonRow } from '@arcface/vision'
import type { Table } from '../store/lance.js'
import { groupsValue, quote } from '../store/sql.js'

/** Makes faces a person's, and their groups the person's. @param where a condition @returns how many */
export function giveFaces(faces: Table, where: string, to: PersonRow): Promise<number> {
  const valuesSql = { person: quote(to.id), groups: groupsValue(Array.from(to.groups)) }
  return faces.update({ where, valuesSql })
}
