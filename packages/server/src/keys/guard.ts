import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import plugin from 'fastify-plugin'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'
import { sessionOf } from './cookie.js'
import type { Keys } from './keys.js'
import { checkOrigin } from './loopback.js'
import { allow, type Principal } from './principal.js'
import { checkThreshold } from './scores.js'
import type { Sessions } from './sessions.js'

const MINUTE = 60_000

/** Lets through whom the keys, their scopes and the limits let through; each route says in its `config` what it asks for. */
export const guard = ({
  config,
  keys,
  sessions,
}: {
  readonly config: Pick<ServerConfig, 'rates' | 'cors'>
  readonly keys: Keys
  readonly sessions: Sessions
}) =>
  plugin(async (server: FastifyInstance) => {
    server.decorateRequest('principal', null)
    server.decorateRequest('isTaken', function (this: FastifyRequest) {
      return this.principal === null || keys.takes(this.principal)
    })
    server.addHook('onRoute', checkRoute)
    await server.register(rateLimit, { global: false })
    const limits = limitsOf(server, config.rates)

    server.addHook('onRequest', async (request, reply) => {
      await limits.address(request)
      if (!keys.inForce) checkOrigin(request, config.cors)
      const { scope = 'public', keyOf } = request.routeOptions.config
      if (scope === 'public') return
      reply.header('cache-control', 'no-store')
      const text = (keyOf ?? keyIn)(request)
      // What signs in brings the key; clients of CompreFace have no sessions.
      const session =
        text === undefined && keyOf === undefined ? sessionOf(request, sessions) : undefined
      const principal = session ?? (await identify(request, keys, limits, text))
      request.principal = principal
      await limits.key(request)
      allow(principal, scope, galleryIn(request))
      checkThreshold(request)
    })
  })

async function identify(
  request: FastifyRequest,
  keys: Keys,
  limits: Limits,
  text: string | undefined,
): Promise<Principal> {
  if (!keys.inForce) return { key: null }
  const proven = text === undefined ? undefined : keys.proven(text)
  if (proven) return { key: proven }
  await limits.guesses(request)
  try {
    return { key: await keys.check(text) }
  } catch (error) {
    const isGuess = text !== undefined && (error as ServerError).code === 'SERVER_KEY'
    if (isGuess) await limits.guessed(request)
    throw error
  }
}

type Limits = ReturnType<typeof limitsOf>

function limitsOf(server: FastifyInstance, rates: ServerConfig['rates']) {
  const limiter = (options: object) => server.createRateLimit({ timeWindow: MINUTE, ...options })
  const address = limiter({ max: rates.address ?? 0 })
  const guesses = limiter({ max: rates.guesses })
  const key = limiter({
    max: (request: FastifyRequest) => rateOf(request) ?? 0,
    keyGenerator: (request: FastifyRequest) => request.principal?.key?.id ?? '',
  })
  const rateOf = ({ principal }: FastifyRequest) => principal?.key?.rate ?? rates.key
  return {
    async address(request: FastifyRequest) {
      if (rates.address !== null) refuseAbove(await address(request), 'requests of this address')
    },
    /** Refuses who has guessed too often; others at the same address whose keys are proven are not asked. */
    async guesses(request: FastifyRequest) {
      const found = await guesses(request, { increment: false })
      if (!found.isAllowed && found.remaining === 0)
        throw tooMany('wrong keys of this address', found.ttlInSeconds)
    },
    guessed: guesses,
    async key(request: FastifyRequest) {
      if (request.principal?.key && rateOf(request) !== null)
        refuseAbove(await key(request), 'requests of this key')
    },
  }
}
type Found = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>

function refuseAbove(found: Found, what: string): void {
  if (!found.isAllowed && found.isExceeded) throw tooMany(what, found.ttlInSeconds)
}

const tooMany = (what: string, seconds: number) =>
  new ServerError('SERVER_RATE', `too many ${what} in a minute`, {
    retryAfter: Math.max(1, seconds),
  })

/** The key of a request, where clients of ours and of CompreFace put it. */
function keyIn({ headers }: FastifyRequest): string | undefined {
  const own = headers['x-api-key']
  if (own !== undefined) return String(own)
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}

/** Of the address; what names it elsewhere checks it there. */
const galleryIn = ({ params }: FastifyRequest): string | undefined =>
  (params as { gallery?: string } | undefined)?.gallery

/** @throws an error at the start for a route that says nothing: nobody forgets it */
function checkRoute({ url, config }: RouteOptions): void {
  if (/^\/(v1|api)(\/|$)/.test(url) && config?.scope === undefined)
    throw new Error(`${url}: a route says what a key has to allow: config.scope`)
}
