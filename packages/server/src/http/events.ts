import type { FastifyReply, FastifyRequest } from 'fastify'

/** So often something is said, for proxies that end what is silent; in milliseconds. */
const HEARTBEAT_MS = 15_000

/** Server-sent events to one client. */
export interface EventStream {
  /** Whether what was sent is not taken yet: who can send a later state instead waits. */
  readonly isFull: boolean
  /** @param data is sent as JSON @param id of the event, which a client that comes back names in `last-event-id` */
  send(event: string, data: unknown, id?: string | number): void
  /** Ends the answer; a client comes back unless it is told before that this is the end. */
  end(): void
}

/**
 * Answers with server-sent events, for as long as the key of who asked is taken.
 * @param closed is called once, when nobody listens any more or it has ended
 */
export function openEvents(
  request: FastifyRequest,
  reply: FastifyReply,
  closed: () => void,
): EventStream {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // Nginx would keep events until there are many.
    'x-accel-buffering': 'no',
  })
  raw.flushHeaders()
  // With a sign of life on the way so often, only who reads nothing is silent for longer.
  raw.socket?.setTimeout(2 * HEARTBEAT_MS)
  const beat = setInterval(() => {
    if (request.isTaken()) raw.write(': here\n\n')
    else end()
  }, HEARTBEAT_MS)
  let isOpen = true
  const close = () => {
    clearInterval(beat)
    if (!isOpen) return
    isOpen = false
    closed()
  }
  raw.once('close', close)
  raw.once('finish', close)
  request.gone.addEventListener('abort', close, { once: true })
  const end = () => {
    // Behind the end nothing may be written, and who reads nothing may be long in taking it.
    close()
    raw.end()
  }
  return {
    get isFull() {
      return raw.writableNeedDrain
    },
    send(event, data, id) {
      if (!isOpen) return
      if (!request.isTaken()) return end()
      const named = id === undefined ? '' : `id: ${id}\n`
      raw.write(`${named}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    end,
  }
}
