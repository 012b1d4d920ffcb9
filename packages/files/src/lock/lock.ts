import { closeSync, fstatSync, openSync, statSync, utimes } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { FilesError, unwritable } from '../errors.js'
import { lockInKernel } from './kernel-lock.js'
import { type Card, cardsBeside, isAlone, layCard, mine, removeCard } from './lock-card.js'
import { isGone, textOf, UNLOCKED } from './lock-owner.js'

const POLL_MS = 20
const BEAT_MS = 5_000

export interface LockOptions {
  /** What the holder has for itself, as the message names it: `the run runs/a`. */
  readonly what: string
  /** How long to wait for whoever holds it. Default: not at all. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A lock that one holder has at a time, of all threads, processes, containers and machines that see the same folder; the
 * lock of a holder that has died is free.
 *
 * On `path`, an empty file that stays, lies a lock of the kernel where there is one. Beside it each holder lays a card, a
 * file named after it, for those whom the kernel's lock does not reach (another machine, a file system without such
 * locks): who has laid its card and then sees no other living one holds the lock. Nobody removes a card whose owner may
 * live.
 */
export class Lock implements Disposable {
  readonly #descriptor: number
  readonly #card: Card | undefined
  readonly #beat: NodeJS.Timeout | undefined
  #released = false

  private constructor({ descriptor, card }: Held) {
    this.#descriptor = descriptor
    this.#card = card
    if (card === undefined) return
    mine.add(card.owner.key)
    const laid = performance.now()
    this.#beat = setInterval(() => {
      // In the clock of the file system, which gave the card its first time.
      const now = (card.touched + performance.now() - laid) / 1000
      utimes(card.path, now, now, () => {})
    }, BEAT_MS).unref()
  }

  /**
   * @param path in a folder that is there
   * @throws FilesError FILES_LOCKED after `waitMs`, FILES_WRITE; the signal's reason
   */
  static async take(path: string, { what, waitMs = 0, signal }: LockOptions): Promise<Lock> {
    const until = performance.now() + waitMs
    for (;;) {
      signal?.throwIfAborted()
      const held = attempt(path)
      if (held) return new Lock(held)
      if (performance.now() >= until) throw locked(path, what)
      await sleep(POLL_MS * (0.5 + Math.random()), undefined, { signal })
    }
  }

  /** Calling it again does nothing. */
  release(): void {
    if (this.#released) return
    this.#released = true
    clearInterval(this.#beat)
    if (this.#card) {
      mine.delete(this.#card.owner.key)
      removeCard(this.#card)
    }
    closeSync(this.#descriptor)
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

interface Held {
  readonly descriptor: number
  /** None where the kernel's lock is held and the disk has no room for another name. */
  readonly card: Card | undefined
}

function attempt(path: string): Held | undefined {
  const descriptor = trying(path, () => openSync(path, 'a'))
  let held: Held | undefined
  try {
    const inKernel = lockInKernel(descriptor)
    if (inKernel === false) return undefined
    const inode = fstatSync(descriptor, { bigint: true }).ino
    // The file was removed meanwhile: the next attempt makes another.
    if (statSync(path, { bigint: true, throwIfNoEntry: false })?.ino !== inode) return undefined
    const locked = inKernel ? String(inode) : UNLOCKED
    const card = trying(path, () => layCard(path, locked))
    if (isAlone(path, card, locked)) held = { descriptor, card }
    else if (card) removeCard(card)
    return held
  } finally {
    if (!held) closeSync(descriptor)
  }
}

function locked(path: string, what: string): FilesError {
  const holder = cardsBeside(path).find(({ owner }) => !isGone(owner))
  const who = holder ? textOf(holder.owner) : 'another process'
  return new FilesError(
    'FILES_LOCKED',
    `${what} is in use: ${who} holds ${path}. Wait until it has finished, or end it.`,
  )
}

function trying<T>(path: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw unwritable(path, error)
  }
}
