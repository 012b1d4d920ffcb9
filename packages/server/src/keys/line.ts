import { ServerError } from '../errors.js'

/** Work of which a few are done at once, some wait, and more are refused. */
export class Line {
  #working = 0
  readonly #waiting: (() => void)[] = []

  constructor(
    private readonly atOnce: number,
    private readonly longest: number,
  ) {}

  /** @throws ServerError SERVER_RATE where too many wait; what `work` throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working < this.atOnce) this.#working++
    else {
      if (this.#waiting.length >= this.longest)
        throw new ServerError('SERVER_RATE', 'too many keys are being checked', { retryAfter: 1 })
      // Whoever has finished hands its place over.
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#working--
    }
  }
}
