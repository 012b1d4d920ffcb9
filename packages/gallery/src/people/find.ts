import type { PersonRow } from '@arcface/vision'
import { noPerson, normalName } from '../rules.js'
import { areIn, quote } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { everybodyIn } from './everybody.js'

/** Rows of those of these names who are there. */
export async function findPeople(
  { people }: Tables,
  names: readonly string[],
): Promise<Map<string, PersonRow>> {
  const found = new Map<string, PersonRow>()
  for (const where of areIn('name', people.asFound('name', names)))
    for (const row of (await people.query().where(where).toArray()) as PersonRow[])
      found.set(row.name, row)
  return found
}

/** @throws GalleryError GALLERY_PERSON, GALLERY_USE */
export async function findPerson(tables: Tables, name: string): Promise<PersonRow> {
  // What may not be stored any more may have been before, and must still be found.
  const clean = normalName(name)
  const row = (await findPeople(tables, [clean])).get(clean)
  if (row) return row
  throw noPerson(tables.called, clean)
}

/**
 * How somebody is written whose name is this one but for the case of letters, as Unicode pairs them: the name itself if
 * somebody has it; `undefined` where nobody is. @throws GalleryError GALLERY_USE
 */
export async function spellingIn(tables: Tables, name: string): Promise<string | undefined> {
  const clean = normalName(name)
  const names = await spellingsIn(tables, clean)
  return names.find((one) => one === clean) ?? names.sort()[0]
}

async function spellingsIn(tables: Tables, clean: string): Promise<string[]> {
  const { people, vault } = tables
  if (vault)
    return (await everybodyIn(tables, vault)).flatMap(({ name }) =>
      name.toLowerCase() === clean.toLowerCase() ? [name] : [],
    )
  const rows = (await people
    .query()
    .where(`lower(name) = lower(${quote(clean)})`)
    .select(['name'])
    .toArray()) as Pick<PersonRow, 'name'>[]
  return rows.map((row) => row.name)
}

/** Those of these ids who are there. */
export async function peopleOf({ people }: Tables, ids: readonly string[]): Promise<PersonRow[]> {
  const found: PersonRow[] = []
  for (const where of areIn('id', ids))
    found.push(...((await people.query().where(where).toArray()) as PersonRow[]))
  return found
}

/** Names of people, by their ids. */
export async function namesOf(
  { people }: Tables,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for (const where of areIn('id', [...new Set(ids)]))
    for (const { id, name } of (await people
      .query()
      .where(where)
      .select(['id', 'name'])
      .toArray()) as Pick<PersonRow, 'id' | 'name'>[])
      names.set(id, name)
  return names
}
