interface Waiting {
  readonly share: number
  readonly go: () => void
}

/** So much work at once; the rest waits in order. */
export class Limit {
  #free: number
  readonly #waiting: Waiting[] = []

  constructor(private readonly all: number) {
    this.#free = all
  }

  /**
   * @param weight how much of the limit it takes; more than all of it waits until nothing else runs
   * @throws the signal's reason, also while it waits
   */
  async run<T>(signal: AbortSignal | undefined, work: () => Promise<T>, weight = 1): Promise<T> {
    signal?.throwIfAborted()
    const share = Math.min(weight, this.all)
    if (this.#waiting.length === 0 && share <= this.#free) this.#free -= share
    else await this.#turn(signal, share)
    try {
      return await work()
    } finally {
      this.#free += share
      this.#next()
    }
  }

  #turn(signal: AbortSignal | undefined, share: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const one = {
        share,
        go: () => {
          signal?.removeEventListener('abort', give)
          resolve()
        },
      }
      const give = () => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1)
        reject(signal?.reason)
        this.#next()
      }
      this.#waiting.push(one)
      signal?.addEventListener('abort', give, { once: true })
    })
  }

  /** Lets those go on for whom there is room, the first first. */
  #next(): void {
    for (let [one] = this.#waiting; one && one.share <= this.#free; [one] = this.#waiting) {
      this.#waiting.shift()
      this.#free -= one.share
      one.go()
    }
  }
}
