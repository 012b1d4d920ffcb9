import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Job } from './jobs.js'

/** So often something is said, for proxies that end what is silent; in milliseconds. */
const HEARTBEAT_MS = 15_000

/**
 * Tells a job's progress as it changes, by server-sent events, until it has ended or the client goes. Each event says
 * where the job is now, so that a client that comes back needs none of those that it missed.
 */
export function follow(job: Job, request: FastifyRequest, reply: FastifyReply): void {
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // Nginx would keep events until there are many.
    'x-accel-buffering': 'no',
  })
  let events = 0
  const tell = () => {
    // Who does not read gets the next state instead of all.
    if (raw.writableNeedDrain && !job.isOver) return
    const { id, state, done, total } = job.view
    raw.write(
      `id: ${++events}\nevent: ${state}\ndata: ${JSON.stringify({ id, state, done, total })}\n\n`,
    )
    if (!job.isOver) return
    // Behind the end nothing may be written, and who reads nothing may be long in taking it.
    clearInterval(beat)
    raw.end()
  }
  // With a sign of life on the way so often, only who reads nothing is silent for longer.
  raw.socket?.setTimeout(2 * HEARTBEAT_MS)
  const beat = setInterval(() => raw.write(': here\n\n'), HEARTBEAT_MS)
  const stop = () => {
    clearInterval(beat)
    job.off('change', tell)
  }
  job.on('change', tell)
  raw.once('close', stop)
  raw.once('finish', stop)
  tell()
  request.gone.addEventListener('abort', stop, { once: true })
}
