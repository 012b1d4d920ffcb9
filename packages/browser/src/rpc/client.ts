import { BrowserError } from '../errors.js'
import { checkOptions, messageOf } from '../options.js'
import { receivedError } from './errors.js'
import type { Answered, Asked } from './messages.js'

export interface AskOptions {
  /** Moved to the worker: gone afterwards, also where the call is not sent. */
  readonly transfer?: Transferable[]
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: never) => void) | undefined
}

interface Waiting {
  readonly resolve: (done: never) => void
  readonly reject: (reason: unknown) => void
  readonly onProgress: ((progress: never) => void) | undefined
}

/** The page's side of its worker: calls go there, answers come back. */
export class Remote {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #last = 0
  #ended: BrowserError | undefined

  constructor(worker: Worker) {
    this.#worker = worker
    worker.addEventListener('message', ({ data }: MessageEvent<Answered>) => this.#answered(data))
    worker.addEventListener('error', ({ message, filename }) => {
      const why = message || `${filename || 'its script'} cannot be loaded`
      this.#end(
        new BrowserError('BROWSER_WORKER', `the worker that runs networks failed: ${why}`, {
          hint: "See that its script is served, and that the page's Content-Security-Policy lets workers of its own start (worker-src 'self').",
        }),
      )
    })
  }

  /**
   * @throws what the call throws in the worker, of its own class; the signal's reason; BrowserError BROWSER_WORKER (it
   *   has ended), BROWSER_USE (an argument that cannot be sent, a signal that is none)
   */
  ask<T>(call: string, args: unknown, options: AskOptions = {}): Promise<T> {
    const { transfer = [], signal, onProgress } = options
    try {
      if (this.#ended) throw this.#ended
      checkOptions(call, { signal }, { signal: 'signal' })
      signal?.throwIfAborted()
    } catch (reason) {
      closeAll(transfer)
      return Promise.reject(reason)
    }
    const id = ++this.#last
    return new Promise<T>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(id)
        this.#post({ id, abort: true })
        reject(signal!.reason)
      }
      const settled = () => signal?.removeEventListener('abort', abort)
      this.#waiting.set(id, {
        resolve: (done) => {
          settled()
          resolve(done)
        },
        reject: (reason) => {
          settled()
          reject(reason)
        },
        onProgress,
      })
      try {
        this.#post({ id, call, args }, transfer)
      } catch (cause) {
        this.#waiting.delete(id)
        reject(unsendable(call, cause))
        return
      }
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Ends the worker; calls under way fail. */
  end(): void {
    this.#end(new BrowserError('BROWSER_USE', 'the recognizer is already closed'))
  }

  #post(message: Asked, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer)
  }

  #answered(answer: Answered): void {
    const waiting = this.#waiting.get(answer.id)
    if (waiting === undefined) return
    if ('progress' in answer) {
      waiting.onProgress?.(answer.progress as never)
      return
    }
    this.#waiting.delete(answer.id)
    if ('done' in answer) waiting.resolve(answer.done as never)
    else waiting.reject(receivedError(answer.failed))
  }

  #end(reason: BrowserError): void {
    if (this.#ended) return
    this.#ended = reason
    this.#worker.terminate()
    for (const { reject } of this.#waiting.values()) reject(reason)
    this.#waiting.clear()
  }
}

/** Pictures hold memory until they are closed. */
function closeAll(unsent: readonly Transferable[]): void {
  for (const one of unsent) if ('close' in one) void one.close()
}

const unsendable = (call: string, cause: unknown): BrowserError =>
  new BrowserError(
    'BROWSER_USE',
    `${call}: what is given cannot go to a worker: ${messageOf(cause)}`,
    {
      cause,
    },
  )
