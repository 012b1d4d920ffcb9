// What was deleted is found no more at once, but its bytes are in the files until these are written anew: that takes seconds
// where there are many, and is owed. A file in the gallery says so, also to the process that comes after one that was killed.

import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Milliseconds for which bytes are owed, so that one rewriting does for the deletions of that time. */
export const OWED_MS = 10_000

const noteIn = (where: string) => join(where, 'deleted')

/** Notes that there are bytes to be removed; the first of several counts. To be called before rows are deleted. */
export function oweDeletions(where: string): void {
  try {
    writeFileSync(noteIn(where), '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Whether bytes have been owed for so long, or longer. */
export function owesDeletions(where: string, ms = OWED_MS): boolean {
  const note = statSync(noteIn(where), { throwIfNoEntry: false })
  return note !== undefined && Date.now() - note.mtimeMs >= ms
}

/** They are gone. */
export const forgetDeletions = (where: string): void => rmSync(noteIn(where), { force: true })
