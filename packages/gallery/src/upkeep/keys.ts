// Of encrypted galleries: what is deleted is lost with its key, at once; its rows go then, and its files with `purge`.

import type { PersonRow } from '@arcface/vision'
import { plainRow } from '../store/lance.js'
import { areIn } from '../store/sql.js'
import type { Tables } from '../store/tables.js'
import { isDiskFull } from '../store/trouble.js'
import { SEALED, slotIn, type Vault } from '../vault/vault.js'
import { giveReserve } from './erase.js'

/** Ends what a process was killed in; to be called under the lock, before anything is written. */
export async function settleKeys(tables: Tables): Promise<void> {
  const { vault } = tables
  if (vault === undefined) return
  await vault.refresh()
  vault.requireSlots(vault.required ?? (await slotsOfRows(tables)))
  const erasing = vault.erasing()
  if (erasing.length > 0) await dropIfRoom(tables, vault, erasing)
  const renewing = vault.renewing()
  if (renewing.length > 0) await sealAnew(tables, vault, renewing)
}

/** How many slots there must be for what people are sealed with. */
async function slotsOfRows({ people }: Tables): Promise<number> {
  let most = 0
  for await (const batch of people.stored([SEALED]))
    for (const sealed of batch.getChild(SEALED)! as Iterable<Uint8Array>)
      most = Math.max(most, slotIn(sealed) + 1)
  return most
}

/** Destroys the keys of people, which takes no room, and deletes their rows, or where there is no room leaves that to a later write. */
export async function erasePeople(
  tables: Tables,
  vault: Vault,
  ids: readonly string[],
): Promise<void> {
  vault.erase(ids)
  await dropIfRoom(tables, vault, ids)
}

async function dropIfRoom(tables: Tables, vault: Vault, ids: readonly string[]): Promise<void> {
  try {
    await dropRows(tables, vault, ids)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    giveReserve(tables.where)
    await dropRows(tables, vault, ids).catch((again) => {
      if (!isDiskFull(again)) throw again
    })
  }
}

async function dropRows(tables: Tables, vault: Vault, ids: readonly string[]): Promise<void> {
  for (const where of areIn('person', ids)) await tables.faces.delete(where)
  for (const where of areIn('id', ids)) await tables.people.delete(where)
  vault.erased(ids)
}

/**
 * Does what takes faces away from people, who get new keys for it: with the old ones what they had is lost.
 * @param owners ids of these people
 */
export async function renewKeys<T>(
  tables: Tables,
  vault: Vault,
  owners: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  vault.addKeys(owners)
  const result = await work()
  await sealAnew(tables, vault, owners)
  return result
}

/** Seals all rows of people with their newest keys, and destroys the others. */
async function sealAnew(tables: Tables, vault: Vault, ids: readonly string[]): Promise<void> {
  for (const where of areIn('id', ids)) {
    const people = (await tables.people.query().where(where).toArray()) as Plain<PersonRow>[]
    const rows = people.map(plainRow)
    const groups = new Map(rows.map((row) => [row.id, row.groups!]))
    for (const owners of areIn(
      'person',
      rows.map(({ id }) => String(id)),
    )) {
      const faces = (await tables.faces.query().where(owners).toArray()) as Plain<object>[]
      if (faces.length > 0)
        await tables.faces.replace(
          faces.map(plainRow).map((face) => ({ ...face, groups: groups.get(face.person!)! })),
        )
    }
    if (rows.length > 0) await tables.people.replace(rows)
  }
  vault.renewed(ids)
}

type Plain<T> = T & Iterable<[string, unknown]>

/** Destroys keys of people who are not there: of a write that was cut short. */
export async function dropKeys({ people }: Tables, vault: Vault): Promise<void> {
  const there = new Set<string>()
  for await (const batch of people.query().select(['id']))
    for (const { id } of batch as Iterable<Pick<PersonRow, 'id'>>) there.add(id)
  const orphans = vault.persons().filter((id) => !there.has(id))
  vault.erase(orphans)
  vault.erased(orphans)
}
