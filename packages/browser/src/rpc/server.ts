import { BrowserError } from '../errors.js'
import { sentError } from './errors.js'
import type { Answered, Asked } from './messages.js'

/** What a handler is told beside its arguments. */
export interface Call {
  readonly signal: AbortSignal
  /** Tells the page how far it is. */
  readonly progress: (progress: unknown) => void
}

/** A call by its name. What it gives is copied to the page, or moved: `Moved`. */
// biome-ignore lint/suspicious/noExplicitAny: each call has arguments of its own, which its own side of the room types
export type Handlers = Readonly<Record<string, (args: any, call: Call) => Promise<unknown>>>

/** A result of which buffers are moved rather than copied. */
export class Moved {
  constructor(
    readonly value: unknown,
    readonly transfer: readonly Transferable[],
  ) {}
}

/** A worker's own scope, or one end of a channel. */
export interface Port {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(kind: 'message', listener: (event: MessageEvent) => void): void
}

/** Answers what a `Remote` at the other end asks; calls run at once. */
export function serve(port: Port, handlers: Handlers): void {
  const running = new Map<number, AbortController>()
  const answer = (message: Answered, transfer: readonly Transferable[] = []) =>
    port.postMessage(message, [...transfer])

  async function run(id: number, call: string, args: unknown): Promise<void> {
    const abort = new AbortController()
    running.set(id, abort)
    try {
      const handler = Object.hasOwn(handlers, call) ? handlers[call] : undefined
      if (handler === undefined)
        throw new BrowserError(
          'BROWSER_WORKER',
          `the worker knows no ${call}: it is of another version than the page`,
        )
      const progress = (value: unknown) => answer({ id, progress: value })
      const done = await handler(args, { signal: abort.signal, progress })
      if (done instanceof Moved) answer({ id, done: done.value }, done.transfer)
      else answer({ id, done })
    } catch (error) {
      answer({ id, failed: sentError(error) })
    } finally {
      running.delete(id)
    }
  }

  port.addEventListener('message', ({ data }: MessageEvent<Asked>) => {
    if ('abort' in data) running.get(data.id)?.abort()
    else void run(data.id, data.call, data.args)
  })
}
