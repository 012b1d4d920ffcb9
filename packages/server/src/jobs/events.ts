import type { FastifyReply, FastifyRequest } from 'fastify'
import { openEvents } from '../http/events.js'
import type { Job } from './jobs.js'

/**
 * Tells a job's progress as it changes, by server-sent events, until it has ended or the client goes. Each event says
 * where the job is now, so that a client that comes back needs none of those that it missed.
 */
export function follow(job: Job, request: FastifyRequest, reply: FastifyReply): void {
  let events = 0
  const tell = () => {
    // Who does not read gets the next state instead of all.
    if (stream.isFull && !job.isOver) return
    const { id, state, done, total } = job.view
    stream.send(state, { id, state, done, total }, ++events)
    if (job.isOver) stream.end()
  }
  const stream = openEvents(request, reply, () => job.off('change', tell))
  job.on('change', tell)
  tell()
}
