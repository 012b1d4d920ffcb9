import { type Card, cardsBeside } from './lock-card.js'
import { isRunning, type ProcessMark } from './process.js'

/**
 * The process of this machine and container that holds a lock, or is about to; nothing is taken or waited for.
 * @param path of the lock
 * @returns undefined where none is known: nobody holds it, or somebody whose pid means nothing here
 */
export function holderOf(path: string): ProcessMark | undefined {
  let cards: readonly Card[]
  try {
    cards = cardsBeside(path)
  } catch {
    return undefined // without its folder there is no lock
  }
  return cards.map(({ owner }) => owner).find(isRunning)
}
