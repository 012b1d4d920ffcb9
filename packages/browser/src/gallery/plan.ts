import {
  byEnd,
  type Description,
  type Due,
  endOf,
  keepingOf,
  keepingRow,
  type PersonRow,
  type SweepOptions,
} from '@arcface/vision'
import { type ChangedFace, goneFaces, type Plan } from './change.js'
import { findFace, findPerson } from './find.js'
import type { HeldGallery } from './held.js'
import { checkClock, samePerson, taken } from './rules.js'

export function describing(
  held: HeldGallery,
  where: string,
  name: string,
  { groups, metadata, ...keeping }: Description,
): Plan<void> {
  const { row, person } = findPerson(held, where, name)
  const described: PersonRow = {
    ...person,
    ...(groups && { groups: [...groups] }),
    ...(metadata && { metadata: JSON.stringify(metadata) }),
    ...keepingRow(keeping),
  }
  return { change: { people: [described], gone: { people: [row] } }, result: undefined }
}

/** @param to as it is stored */
export function renaming(held: HeldGallery, where: string, name: string, to: string): Plan<void> {
  const { row, person } = findPerson(held, where, name)
  if (held.person(to)) throw taken(where, name, to)
  const renamed = { ...person, name: to }
  return { change: { people: [renamed], gone: { people: [row] } }, result: undefined }
}

export function merging(held: HeldGallery, where: string, name: string, into: string): Plan<void> {
  const from = findPerson(held, where, name)
  const to = findPerson(held, where, into)
  if (from.row === to.row) throw samePerson(name, into)
  const rows = [...held.rowsOf(from.person.id)]
  const { faces, gone } = moved(held, rows, to.person)
  return { change: { faces, gone: { ...gone, people: [from.row] } }, result: undefined }
}

export function movingFaces(
  held: HeldGallery,
  where: string,
  ids: readonly string[],
  to: string,
): Plan<void> {
  const { person } = findPerson(held, where, to)
  const rows = [...new Set(ids)].map((id) => findFace(held, where, id))
  return { change: moved(held, rows, person), result: undefined }
}

export function deletingPeople(
  held: HeldGallery,
  where: string,
  names: readonly string[],
): Plan<void> {
  const found = new Map(
    names.map((name) => findPerson(held, where, name)).map((one) => [one.row, one.person]),
  )
  const rows = [...found.values()].flatMap(({ id }) => [...held.rowsOf(id)])
  return {
    change: { gone: { ...goneFaces(held, rows), people: [...found.keys()] } },
    result: undefined,
  }
}

export function sweeping(
  held: HeldGallery,
  where: string,
  { now, dryRun, trustClock }: Required<SweepOptions>,
): Plan<Due[]> {
  if (!trustClock) checkClock(where, now, lastAdded(held))
  const due = [...held.people.entries()].flatMap(([, row]) => {
    const end = endOf(keepingOf(row))
    if (end === undefined || end.at > now) return []
    return [{ name: row.name, faces: held.rowsOf(row.id).size, ...end }]
  })
  due.sort(byEnd)
  const names = due.map(({ name }) => name)
  const { change } = deletingPeople(held, where, names)
  return { change: dryRun ? {} : change, result: due }
}

function lastAdded(held: HeldGallery): number {
  let last = 0
  for (const [, { added }] of held.people.entries()) last = Math.max(last, added)
  for (const [, { added }] of held.stored()) last = Math.max(last, added)
  return last
}

/** Ids that are not there are passed over. */
export function deletingFaces(held: HeldGallery, ids: readonly string[]): Plan<number> {
  const rows = [...new Set(ids)].flatMap((id) => held.rowOf(id) ?? [])
  return { change: { gone: goneFaces(held, rows) }, result: rows.length }
}

/** Faces in new rows, under another person; their pictures stay. */
function moved(held: HeldGallery, rows: readonly number[], { id: person }: PersonRow) {
  const faces = rows.map(
    (row): ChangedFace => ({
      face: { ...held.at(row), person },
      // A copy: what is held turns to zeros when its row is gone.
      embedding: held.faces.embedding(row).slice(),
    }),
  )
  return { faces, gone: { faces: rows } }
}
