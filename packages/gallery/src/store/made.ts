import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { syncFolder } from '@arcface/files'
import { destroyKeys, destroyNextKeys } from '../vault/key-file.js'
import { isRemote, TABLES } from './place.js'

/** In a plain gallery's folder: an encrypted one that is being made of it, */
export const makingIn = (where: string) => join(where, '.encrypting')
/** and under this name, when it is whole: who opens the gallery next puts it in the place of the plain one. */
const madeIn = (where: string) => join(where, '.encrypted')

export const isMade = (where: string) => existsSync(madeIn(where))

/** What was made takes the place of the plain tables from here on, also where this process is killed. */
export function declareMade(where: string): void {
  renameSync(makingIn(where), madeIn(where))
  syncFolder(where)
}

/** Puts what was made in its place, and removes the plain tables; called again after a kill it goes on. */
export function putInPlace(where: string): void {
  const made = madeIn(where)
  // The table of the format is the first: older programs do not read the others then.
  for (const name of ['keys', ...TABLES.map((table) => `${table}.lance`)]) {
    if (!existsSync(join(made, name))) continue
    rmSync(join(where, name), { recursive: true, force: true })
    renameSync(join(made, name), join(where, name))
  }
  syncFolder(where)
  rmSync(made, { recursive: true, force: true })
}

/**
 * Ends what somebody was killed in who made it anew or changed its keys, and removes what is not whole: it would keep people who
 * are erased from now on. To be called under the lock, before anything is written.
 */
export function settleMade(where: string): void {
  if (isMade(where)) putInPlace(where)
  destroyNextKeys(where)
  const making = makingIn(where)
  destroyKeys(making)
  rmSync(making, { recursive: true, force: true })
}

/** What a gallery's own table is told by from that of one that was made in its place; of object storage none is made so. */
export const markOf = (where: string): string =>
  isRemote(where)
    ? ''
    : `${statSync(join(where, 'gallery.lance'), { throwIfNoEntry: false })?.ino ?? ''}`
