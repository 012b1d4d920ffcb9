import { ServerError } from '../errors.js'

/** Seconds that a request is taken to need before any was measured. */
const GUESS = 0.05
/** How much the last request counts in what was measured. */
const NEWS = 0.1

/** A place in a queue. */
export interface Turn {
  /** The request has arrived whole: its work begins, or waits for it. */
  begin(): void
  /** It takes long to arrive: until it has, others go before it. */
  pass(): void
  /** @param isDone whether its time tells what a request takes; calling it again does nothing */
  end(isDone: boolean): void
}

/** Requests of one kind that were taken and are not answered. It is as long as it is done with in time. */
export class Queue {
  #length = 0
  /** Seconds of the whole server a request. */
  #pace = GUESS

  /** @param atOnce so many are in work, the others wait @param longest seconds that one may have to wait */
  constructor(
    private readonly atOnce: number,
    private readonly longest: number,
  ) {}

  get length(): number {
    return this.#length
  }

  /** Seconds that one more would wait, as fast as requests were answered lately. */
  get wait(): number {
    return Math.max(0, this.#length + 1 - this.atOnce) * this.#pace
  }

  /** @throws ServerError SERVER_BUSY: one more would wait too long */
  check(): void {
    const { wait } = this
    if (wait > this.longest)
      throw new ServerError('SERVER_BUSY', `it would wait ${wait.toFixed(1)} seconds`, {
        retryAfter: wait,
      })
  }

  enter(): Turn {
    let isCounted = false
    let isOver = false
    let begun: { readonly at: number; readonly share: number } | undefined
    const count = (value: boolean) => {
      if (value !== isCounted) this.#length += value ? 1 : -1
      isCounted = value
    }
    count(true)
    return {
      begin: () => {
        if (isOver) return
        count(true)
        begun = { at: performance.now(), share: Math.max(this.#length, this.atOnce) }
      },
      pass: () => count(false),
      end: (isDone) => {
        if (isOver) return
        isOver = true
        count(false)
        // Who waited behind n others took as long as n + 1 requests take the server.
        if (isDone && begun) this.#learn((performance.now() - begun.at) / 1000 / begun.share)
      },
    }
  }

  #learn(seconds: number): void {
    this.#pace += NEWS * (seconds - this.#pace)
  }
}
