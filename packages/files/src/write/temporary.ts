import { readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isGone, isNeighbour, nameOf, newOwner, ownerNamed, UNLOCKED } from '../lock/lock-owner.js'

/** A temporary file of whom nobody here can tell whether he lives is left alone for so long. */
const DAY_MS = 86_400_000

/** Folders in which this thread has looked for leftovers. */
const cleared = new Set<string>()

/**
 * A name beside `path` for the file that becomes it when it is whole. It is named after this process and not after
 * `path`, whose name may be as long as a name can be. What processes that were killed have left in the folder is removed
 * on the way.
 */
export function temporaryBeside(path: string): string {
  const folder = dirname(path)
  if (!cleared.has(folder)) {
    cleared.add(folder)
    for (const name of namesIn(folder)) if (isLeftover(folder, name)) remove(join(folder, name))
  }
  return join(folder, `.${nameOf(newOwner(UNLOCKED))}.tmp`)
}

function isLeftover(folder: string, name: string): boolean {
  if (!name.startsWith('.') || !name.endsWith('.tmp')) return false
  const owner = ownerNamed(name.slice(1, -'.tmp'.length))
  if (owner === undefined) return false
  if (isNeighbour(owner)) return isGone(owner)
  const stat = statSync(join(folder, name), { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > DAY_MS
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // Whoever writes there is told.
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // A leftover of another user's.
  }
}
