// On object storage several processes write at once. Who finds that another came first does its work again.

import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '@arcface/files'
import { GalleryError } from '../errors.js'

const ATTEMPTS = 12
/** The first pause, in milliseconds; each further one is up to half as long again. */
const PAUSE_MS = 20

/** What a write was built on has been changed by another process. */
export class Overtaken extends Error {}

/** Also what LanceDB says of two commits that it cannot put one after the other. */
export const isOvertaken = (cause: unknown) =>
  cause instanceof Overtaken ||
  /commit conflict|concurrent (writ|commit|transaction)|incompatible transaction/i.test(
    messageOf(cause),
  )

/** Of LanceDB: the files of an older version, which a writer has cleaned away; the next one is there already. */
export const isCleaned = (cause: unknown) =>
  !(cause instanceof GalleryError) &&
  /not found|no such file/i.test(messageOf(cause)) &&
  !isWithoutTable(cause)

/** Of LanceDB, on object storage: a table that is not there, or no more. */
export const isWithoutTable = (cause: unknown) =>
  /not found: \S+\/_versions,/i.test(messageOf(cause))

/** Does work that another process may overtake, and again where it did. */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !(isOvertaken(error) || isCleaned(error))) throw error
      await sleep(PAUSE_MS * 1.5 ** attempt * Math.random())
    }
}
