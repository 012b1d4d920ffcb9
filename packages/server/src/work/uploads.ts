import { ServerError } from '../errors.js'
import { busy, RETRY_SECONDS } from './busy.js'

/** Files that are coming in, of which half is left for others, however slowly those of one client come. */
export class Uploads {
  #count = 0
  /** By whose they are. */
  readonly #theirs = new Map<string, number>()

  constructor(private readonly most: number) {}

  /** @returns what ends it, to be called once @throws ServerError SERVER_RATE: this client has its share; SERVER_BUSY */
  take(who: string): () => void {
    const own = this.#theirs.get(who) ?? 0
    if (own >= Math.ceil(this.most / 2))
      throw new ServerError('SERVER_RATE', `${own} files of this client are coming in`, {
        retryAfter: RETRY_SECONDS,
      })
    if (this.#count >= this.most) throw busy('other files are coming in')
    this.#count++
    this.#theirs.set(who, own + 1)
    return () => {
      this.#count--
      const left = this.#theirs.get(who)! - 1
      if (left > 0) this.#theirs.set(who, left)
      else this.#theirs.delete(who)
    }
  }
}
