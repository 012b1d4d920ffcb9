import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { RecognizeError } from '../errors.js'

interface Owner {
  pid: number
  host: string
  /** Tells this process from an earlier one of the same pid. */
  key: string
}

const POLL_MS = 20

/**
 * Runs `work` while no other process of this machine (or of a shared file system) does so under the
 * same path. The lock of a process that has died on this machine is taken over.
 * @throws RecognizeError GALLERY_LOCKED after `waitMs`
 */
export async function withLock<T>(
  path: string,
  waitMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const owner: Owner = { pid: process.pid, host: hostname(), key: randomUUID() }
  const until = performance.now() + waitMs
  while (!take(path, owner)) {
    const held = read(path)
    if (held !== undefined && isDead(held)) clear(path, held)
    else if (performance.now() > until)
      throw new RecognizeError(
        'GALLERY_LOCKED',
        `${path}: process ${held?.pid ?? '?'} on ${held?.host ?? '?'} is writing; wait for it, ` +
          'or remove this file if that process is gone',
      )
    else await sleep(POLL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

/** A link appears whole or not at all, so that nobody reads half an owner. */
function take(path: string, owner: Owner): boolean {
  const own = `${path}.${owner.key}`
  writeFileSync(own, JSON.stringify(owner))
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(own, { force: true })
  }
}

function read(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner
  } catch {
    return undefined // let go meanwhile
  }
}

function isDead({ pid, host }: Owner): boolean {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Of several that find the same dead owner one wins; a lock that is alive again goes back. */
function clear(path: string, dead: Owner): void {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
    if (read(aside)?.key !== dead.key) linkSync(aside, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error
  } finally {
    rmSync(aside, { force: true })
  }
}
