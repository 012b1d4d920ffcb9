/** Probes that are searched together: more are hardly faster each, and the first would wait for the last. */
const MOST = 64

interface Call<P, R> {
  readonly probes: readonly P[]
  readonly resolve: (results: R[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Calls that come while one of the same kind is under way wait for its end and are done together then. Who calls alone
 * waits for nobody.
 */
export class Together<P, R> {
  /** By kind, those that wait; a kind is there while a call of it is under way. */
  readonly #waiting = new Map<string, Call<P, R>[]>()

  /** @param work results of many probes, in their order */
  constructor(private readonly work: (probes: readonly P[]) => Promise<R[]>) {}

  /** @param kind which calls go together */
  run(kind: string, probes: readonly P[]): Promise<R[]> {
    return new Promise<R[]>((resolve, reject) => {
      const call = { probes, resolve, reject }
      const waiting = this.#waiting.get(kind)
      if (waiting) waiting.push(call)
      else {
        this.#waiting.set(kind, [])
        void this.#work(kind, [call])
      }
    })
  }

  async #work(kind: string, first: Call<P, R>[]): Promise<void> {
    for (let calls = first; calls.length > 0; calls = this.#next(kind)) {
      try {
        const results = await this.work(calls.flatMap(({ probes }) => probes))
        let at = 0
        for (const { probes, resolve } of calls) {
          resolve(results.slice(at, at + probes.length))
          at += probes.length
        }
      } catch (error) {
        for (const { reject } of calls) reject(error)
      }
    }
    this.#waiting.delete(kind)
  }

  /** The calls that are done together next: as many as fit, at least one. */
  #next(kind: string): Call<P, R>[] {
    const waiting = this.#waiting.get(kind)!
    let [count, size] = [0, 0]
    for (; count < waiting.length; count++) {
      size += waiting[count]!.probes.length
      if (count > 0 && size > MOST) break
    }
    return waiting.splice(0, count)
  }
}
