import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'
import { rawProblem } from '../http/problem.js'

const LOOK_MS = 1000
/** From then on a body has to come as fast as it should, and one that nobody reads has to have ended. */
const GRACE_MS = 5000

interface Arrival {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly socket: Socket
  readonly since: number
  /** Of the connection, when the body began. */
  readonly bytes: number
}

/** Bodies that are on the way. One that comes too slowly ends with 408. */
export class Arrivals {
  readonly #under = new Set<Arrival>()
  readonly #timer = setInterval(() => this.#look(), LOOK_MS).unref()

  /**
   * @param onSlow told of a body that takes longer than a moment
   * @param onCut told of one that was ended
   */
  constructor(
    private readonly limits: Pick<
      ServerConfig['limits'],
      'requestSeconds' | 'uploadSeconds' | 'bytesPerSecond'
    >,
    private readonly onSlow: (request: FastifyRequest) => void,
    private readonly onCut: () => void,
  ) {}

  add(request: FastifyRequest, reply: FastifyReply): void {
    const { socket } = request.raw
    const since = performance.now()
    this.#under.add({ request, reply, socket, since, bytes: socket.bytesRead })
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const now = performance.now()
    for (const one of this.#under) {
      const { request, socket, since } = one
      if (request.raw.complete || socket.destroyed) this.#under.delete(one)
      else if (now - since >= LOOK_MS) {
        this.onSlow(request)
        if (this.#isTooSlow(one, now - since)) this.#cut(one)
      }
    }
  }

  #isTooSlow({ request, reply, socket, bytes }: Arrival, ms: number): boolean {
    if (ms < GRACE_MS) return false
    // What was refused is not waited for.
    if (reply.raw.writableEnded) return true
    const received = socket.bytesRead - bytes
    if (received < (this.limits.bytesPerSecond * ms) / 1000) return true
    const { requestSeconds, uploadSeconds } = this.limits
    const isUpload = request.routeOptions.config.work === 'upload'
    return ms > (isUpload ? uploadSeconds : requestSeconds) * 1000
  }

  #cut(one: Arrival): void {
    const { reply, socket } = one
    this.#under.delete(one)
    this.onCut()
    if (!reply.raw.headersSent && socket.writable) {
      socket.write(rawProblem(new ServerError('SERVER_TIMEOUT', 'the body comes too slowly')))
      socket.destroySoon()
    } else socket.destroy()
  }
}
