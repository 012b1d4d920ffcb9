import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'
import { Bodies } from './bodies.js'
import { Queue } from './queue.js'
import { Uploads } from './uploads.js'

/** Why something was not taken, or not to its end. */
export type Refusal = 'wait' | 'memory' | 'uploads' | 'event_loop' | 'slow' | 'stopping'

const STOPPING_RETRY_SECONDS = 5
/** Searches that are done at once and take hardly longer than one: see `Gallery.identifyMany`. */
const TOGETHER = 32

/** What a server has in work: how much more it takes, and whether it stops. */
export class Load {
  readonly queues: Readonly<Record<'photo' | 'search', Queue>>
  readonly bodies: Bodies
  readonly uploads: Uploads
  readonly #stopping = new AbortController()
  #isReady = true
  #requests = 0
  #idle: (() => void) | undefined

  /** @param parallel photographs in work at once */
  constructor({ waitSeconds, memoryBytes, uploads }: ServerConfig['load'], parallel: number) {
    this.queues = {
      photo: new Queue(parallel, waitSeconds),
      search: new Queue(TOGETHER, waitSeconds),
    }
    this.bodies = new Bodies(memoryBytes)
    this.uploads = new Uploads(uploads)
  }

  /** Whether new requests should come here. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Aborted when the server takes nothing more: streams without an end should end then. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** Requests that have no answer yet. */
  get requests(): number {
    return this.#requests
  }

  /** Counts a request. @returns what ends it */
  begin(): () => void {
    this.#requests++
    return () => {
      if (--this.#requests === 0) this.#idle?.()
    }
  }

  /** Says that it is not ready any more, and still takes what comes. */
  leave(): void {
    this.#isReady = false
  }

  /** Takes nothing more, and waits until everything taken is answered, for so many seconds. @returns whether it is */
  async stop(seconds: number): Promise<boolean> {
    this.#isReady = false
    this.#stopping.abort(stopping())
    if (this.#requests === 0) return true
    const timeout = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    await timeout
    return this.#requests === 0
  }
}

/** That the server takes nothing more. */
export const stopping = () =>
  new ServerError('SERVER_STOPPING', 'the server is stopping', {
    retryAfter: STOPPING_RETRY_SECONDS,
  })
