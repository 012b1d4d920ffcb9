import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import plugin from 'fastify-plugin'
import type { ServerConfig } from '../config/schema.js'
import type { AuditLog } from './log.js'

const MINUTE = 60_000
/** Of what clients choose. */
const LONGEST = 1000
/** Who looks at the answers: persons who verify them (AI Act, article 14(5)) put themselves there. */
const OPERATOR = 'x-operator'

interface Auditing {
  readonly config: Pick<ServerConfig, 'audit'>
  readonly recognizer: { readonly model: { readonly sha256: string } }
  /** null: nothing is recorded. */
  readonly audit: AuditLog | null
}

/** Puts each request below /v1 and /api that needs a key into the audit log, before its answer goes out. */
export const auditing = ({ config, recognizer, audit }: Auditing) =>
  plugin(async (server: FastifyInstance) => {
    server.decorateRequest('auditNote', null)
    if (audit === null) return
    const isNeeded = config.audit.whenFull === 'refuse'
    const told = new WeakSet<FastifyRequest>()
    const refused = new Refusals(config.audit.refusals)

    const record = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
      told.add(request)
      const isRefused = reply.statusCode >= 400
      const left = refused.left(isRefused)
      if (left > 0) audit.record('omitted', { requests: left }).catch(() => {})
      if (isRefused && !refused.take()) return
      const fields = fieldsOf(request, reply, recognizer.model.sha256)
      const code = isRefused ? codeOf(payload) : undefined
      await audit.record('request', { ...fields, ...(code !== undefined && { code }) })
    }

    // Before anything is done: what is done cannot be taken back by refusing its answer.
    server.addHook('onRequest', async (request) => {
      if (isNeeded && isAudited(request)) await audit.check()
    })
    server.addHook('onSend', async (request, reply, payload) => {
      if (!isAudited(request) || told.has(request)) return
      try {
        await record(request, reply, payload)
      } catch (error) {
        // A refusal says nothing of anybody.
        if (!isNeeded || reply.statusCode >= 400) return
        Object(payload).destroy?.()
        throw error
      }
    })
    // Answers that are written past Fastify, as events are.
    server.addHook('onResponse', async (request, reply) => {
      if (isAudited(request) && !told.has(request))
        await record(request, reply, undefined).catch(() => {})
    })
    server.addHook('onClose', async () => {
      const left = refused.omitted
      if (left > 0) await audit.record('omitted', { requests: left }).catch(() => {})
    })
  })

function isAudited({ routeOptions: { url = '', config } }: FastifyRequest): boolean {
  const { scope = 'public' } = config
  return scope !== 'public' && /^\/(v1|api)\//.test(url)
}

function fieldsOf(
  request: FastifyRequest,
  { elapsedTime, statusCode }: FastifyReply,
  model: string,
) {
  const { id, method, ip, routeOptions, principal, auditNote } = request
  const params = (request.params ?? {}) as Record<string, string>
  const { gallery, person = params.subject, face = params.id, job } = params
  const end = Date.now()
  const key = principal?.key
  // A route's schema leaves of the request's own headers those that it names.
  const operator = request.raw.headers[OPERATOR]
  const { people = [], ...noted } = auditNote ?? {}
  const concerned = [...(person === undefined ? [] : [person]), ...people].map(clipped)
  return {
    id,
    // AI Act, article 12(3): (a) the period of use, (d) who verifies, (b) the reference database, (c) what led to a match.
    start: new Date(end - elapsedTime).toISOString(),
    end: new Date(end).toISOString(),
    operation: `${method} ${routeOptions.url}`,
    key: key ? { id: key.id, name: key.name } : null,
    address: ip,
    ...(operator !== undefined && { operator: clipped(String(operator)) }),
    ...(gallery !== undefined && { gallery: clipped(gallery) }),
    ...(concerned.length > 0 && { people: concerned }),
    ...(face !== undefined && { face: clipped(face) }),
    ...(job !== undefined && { job: clipped(job) }),
    ...(noted.inputs && { model }),
    ...noted,
    status: statusCode,
  }
}

const clipped = (text: string): string => text.slice(0, LONGEST)

/** Of a problem document, or of CompreFace's. */
function codeOf(payload: unknown): string | number | undefined {
  try {
    return (JSON.parse(String(payload)) as { code?: string | number }).code
  } catch {
    return undefined
  }
}

/** How many refusals of a minute are recorded; of more the number. */
class Refusals {
  omitted = 0
  #taken = 0
  #since = 0

  constructor(readonly most: number) {}

  /** Of the minute that is over, and of a full one once something else is recorded. */
  left(isRefused: boolean): number {
    const isOver = Date.now() - this.#since >= MINUTE
    const { omitted } = this
    if (isOver) {
      this.#since = Date.now()
      this.#taken = 0
    } else if (isRefused) return 0
    this.omitted = 0
    return omitted
  }

  take(): boolean {
    if (this.#taken >= this.most) {
      this.omitted++
      return false
    }
    this.#taken++
    return true
  }
}
