import type { CapturedFace } from './messages.js'

interface Waiting {
  readonly resolve: (captured: CapturedFace) => void
  readonly reject: (reason: unknown) => void
}

/** Who waits for a good picture of one person. */
export class CaptureQueue {
  readonly #waiting = new Set<Waiting>()
  #last = 0

  /** Of the capture that the worker is to make; a new one begins anew. */
  get number(): number | undefined {
    return this.#waiting.size > 0 ? this.#last : undefined
  }

  /** @throws the signal's reason, and what `fail` gives */
  wait(signal: AbortSignal | undefined): Promise<CapturedFace> {
    signal?.throwIfAborted()
    return new Promise<CapturedFace>((resolve, reject) => {
      if (this.#waiting.size === 0) this.#last++
      const abort = () => settle(() => reject(signal!.reason))
      const settle = (how: () => void) => {
        this.#waiting.delete(one)
        signal?.removeEventListener('abort', abort)
        how()
      }
      const one: Waiting = {
        resolve: (captured) => settle(() => resolve(captured)),
        reject: (reason) => settle(() => reject(reason)),
      }
      this.#waiting.add(one)
      signal?.addEventListener('abort', abort)
    })
  }

  give(captured: CapturedFace): void {
    for (const { resolve } of [...this.#waiting]) resolve(captured)
  }

  fail(reason: unknown): void {
    for (const { reject } of [...this.#waiting]) reject(reason)
  }
}
