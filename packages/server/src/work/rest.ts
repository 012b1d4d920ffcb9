import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream'

/** So long a connection is kept for a client that still writes, and reads its answer afterwards. */
const LINGER_MS = 2000

/** Reads what is left of a body and throws it away, so that the next request of the connection comes. */
export function discard(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return
  request.unpipe()
  request.resume()
}

/**
 * As `discard`, and waits for the end, for a moment: a connection that is closed while its client still writes is reset,
 * and the answer lost.
 */
export function linger(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS)
    finished(request, { writable: false }, () => {
      clearTimeout(timer)
      resolve()
    })
    discard(request)
  })
}
