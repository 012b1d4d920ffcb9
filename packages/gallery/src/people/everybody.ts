// Of an encrypted gallery no name can be put in order, or be searched in, where it lies: that is done in memory.

import { byCodePoint, type HeldPeople, type PersonRow } from '@arcface/vision'
import { follow } from '../store/follow.js'
import type { Tables } from '../store/tables.js'
import type { Vault } from '../vault/vault.js'
import { readPeople } from './reading.js'

interface Kept {
  readonly version: number
  readonly held: HeldPeople
  /** By name, in the order of code points. */
  readonly sorted: readonly PersonRow[]
}

const kept = new WeakMap<Vault, Promise<Kept>>()

/** All people of an encrypted gallery by name, in the order of code points. */
export async function everybodyIn(tables: Tables, vault: Vault): Promise<readonly PersonRow[]> {
  // One after the other: what is held is brought up to date where it is.
  const before = kept.get(vault)?.catch(() => undefined)
  const now = Promise.resolve(before).then((one) => upToDate(tables, one))
  kept.set(vault, now)
  return (await now).sorted
}

async function upToDate(tables: Tables, before: Kept | undefined): Promise<Kept> {
  const version = await tables.people.version()
  if (before?.version === version) return before
  const held = await tables.at('people', version, async (table) => {
    const there = await table.columns()
    const kept = ['consent', 'retain_until'].filter((name) => there.has(name))
    return follow(table, before?.held, readPeople(...kept))
  })
  const sorted = [...held.entries()].map(([, row]) => row)
  return { version, held, sorted: sorted.sort((a, b) => byCodePoint(a.name, b.name)) }
}
