import { namesOf } from '../people/find.js'
import { areIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { KNOWN, type KnownFace } from './known.js'

/** A photograph that has a face here. */
export interface KnownPhoto {
  /** The person's name. */
  readonly person: string
  readonly origin: string | null
}

/** Of these photographs (sha-256 of their files) those that have faces. */
export async function photographsIn(
  tables: Tables,
  photos: readonly string[],
): Promise<Map<string, KnownPhoto[]>> {
  const rows: KnownFace[] = []
  const { faces } = tables
  if ((await faces.columns()).has('photo'))
    for (const where of areIn('photo', faces.asFound('photo', photos)))
      rows.push(...((await faces.query().where(where).select(KNOWN).toArray()) as KnownFace[]))
  const names = await namesOf(
    tables,
    rows.map(({ person }) => person),
  )
  const found = new Map<string, KnownPhoto[]>()
  for (const { photo, person, origin } of rows)
    found.set(photo!, [...(found.get(photo!) ?? []), { person: names.get(person) ?? '', origin }])
  return found
}
