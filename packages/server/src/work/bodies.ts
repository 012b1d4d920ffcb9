import { ServerError } from '../errors.js'
import { busy, RETRY_SECONDS } from './busy.js'

/** What one address may have on the way at once, of all. One body it may have in any case. */
const SHARE = 1 / 4

/** Memory that the body of a request takes. */
export interface Body {
  /** It is here whole. */
  arrive(): void
  /** Calling it again does nothing. */
  release(): void
}

/** The bodies of all requests that are not answered, of which the bytes together have a bound. */
export class Bodies {
  #bytes = 0
  /** By address, of those that are on the way. */
  readonly #arriving = new Map<string, number>()

  constructor(private readonly most: number) {}

  get bytes(): number {
    return this.#bytes
  }

  /**
   * @param bytes that it has, or may have
   * @throws ServerError SERVER_BUSY: too many wait; SERVER_RATE: this address sends too many at once
   */
  take(bytes: number, address: string): Body {
    const own = this.#arriving.get(address) ?? 0
    if (own > 0 && own + bytes > this.most * SHARE)
      throw new ServerError('SERVER_RATE', 'this address sends too much at once', {
        retryAfter: RETRY_SECONDS,
      })
    if (this.#bytes > 0 && this.#bytes + bytes > this.most)
      throw busy('the requests that wait fill the memory')
    this.#bytes += bytes
    this.#arriving.set(address, own + bytes)
    let [isArriving, isHeld] = [true, true]
    const arrive = () => {
      if (!isArriving) return
      isArriving = false
      const left = this.#arriving.get(address)! - bytes
      if (left > 0) this.#arriving.set(address, left)
      else this.#arriving.delete(address)
    }
    return {
      arrive,
      release: () => {
        arrive()
        if (isHeld) this.#bytes -= bytes
        isHeld = false
      },
    }
  }
}
