import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  isGone,
  isNeighbour,
  isSameMachine,
  nameOf,
  newOwner,
  type Owner,
  ownerNamed,
  UNLOCKED,
} from './lock-owner.js'

/** Who cannot be asked otherwise is dead when its card was not touched for so long. */
const STALE_MS = 60_000

/** A file beside the lock that says who holds it, or tries to. */
export interface Card {
  readonly path: string
  readonly owner: Owner
  /** In milliseconds of the file system's clock. */
  readonly touched: number
}

/** Keys of the locks that this thread holds. */
export const mine = new Set<string>()

/**
 * @param inode of the file that is locked in the kernel, or UNLOCKED
 * @returns undefined where there is no room for it, which a lock of the kernel does without
 */
export function layCard(lock: string, inode: string): Card | undefined {
  const owner = newOwner(inode)
  const path = join(dirname(lock), startOf(lock) + nameOf(owner))
  try {
    const descriptor = openSync(path, 'wx')
    const touched = fstatSync(descriptor).mtimeMs
    closeSync(descriptor)
    return { path, owner, touched }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (inode !== UNLOCKED && (code === 'ENOSPC' || code === 'EDQUOT')) return undefined
    throw error
  }
}

/** With the owner behind it the name must not become longer than a name can be. */
function startOf(lock: string): string {
  const name = basename(lock)
  if (Buffer.byteLength(name) <= 100) return `${name}.`
  return `.${createHash('sha256').update(name).digest('hex').slice(0, 16)}.`
}

export const removeCard = ({ path }: Card): void => rmSync(path, { force: true })

/** All that lie there now. */
export function cardsBeside(lock: string): Card[] {
  const folder = dirname(lock)
  const start = startOf(lock)
  return readdirSync(folder).flatMap((name) => {
    const owner = name.startsWith(start) ? ownerNamed(name.slice(start.length)) : undefined
    const path = join(folder, name)
    const stat = owner && statSync(path, { throwIfNoEntry: false })
    return stat ? { path, owner, touched: stat.mtimeMs } : []
  })
}

/** Whether nobody else's card is that of a living holder; those of the dead are removed. */
export function isAlone(lock: string, own: Card | undefined, inode: string): boolean {
  const now = own?.touched ?? Date.now()
  let alone = true
  for (const card of cardsBeside(lock)) {
    if (card.owner.key === own?.owner.key) continue
    if (lives(card, inode, now)) alone = false
    else removeCard(card)
  }
  return alone
}

function lives({ owner, touched }: Card, inode: string, now: number): boolean {
  if (mine.has(owner.key)) return true
  // It had the lock of the kernel that is ours now.
  if (inode !== UNLOCKED && isSameMachine(owner) && owner.inode === inode) return false
  if (isNeighbour(owner)) return !isGone(owner)
  return now - touched < STALE_MS
}
