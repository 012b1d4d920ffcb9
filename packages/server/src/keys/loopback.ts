import { BlockList, isIP } from 'node:net'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Of an address or a name, in brackets where a URL would have them. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  const version = isIP(name)
  if (version === 0) return name === 'localhost'
  return LOOPBACK.check(name, version === 6 ? 'ipv6' : 'ipv4')
}

/** A server without keys is for its own machine, and says so. @throws ServerError SERVER_CONFIG */
export function checkReach(
  { host, trustProxy, keys }: Pick<ServerConfig, 'host' | 'trustProxy' | 'keys'>,
  log: Pick<FastifyBaseLogger, 'warn'>,
): void {
  const hint = 'Make a key with `arcface keys create`, or listen on 127.0.0.1.'
  const refuse = (why: string) => new ServerError('SERVER_CONFIG', why, { hint })
  if (keys !== null) throw refuse(`keys: there is no file ${keys}`)
  if (!isLoopback(host)) throw refuse(`host: on ${host} others can reach it, and there are no keys`)
  if (trustProxy.length > 0)
    throw refuse('trustProxy: behind a proxy others can reach it, and there are no keys')
  log.warn('there are no keys: this machine alone is answered, and whoever is on it')
}

/**
 * What keeps pages of the web from a server without keys, though the browser that shows them runs on its machine: a page
 * may send requests of its own, and give its own name the address of this machine (DNS rebinding).
 * @param origins whose pages may ask @throws ServerError SERVER_ORIGIN
 */
export function checkOrigin(request: FastifyRequest, origins: readonly string[]): void {
  const { host = '', origin, 'sec-fetch-site': site } = request.headers
  const own = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
  if (!isLoopback(own))
    throw new ServerError('SERVER_ORIGIN', 'the request names another host than this machine')
  const asker = origin ?? (site === undefined || ALONE.includes(String(site)) ? undefined : 'null')
  if (asker === undefined || asker === `${request.protocol}://${host}` || origins.includes(asker))
    return
  throw new ServerError('SERVER_ORIGIN', 'a page of another origin asks', {
    hint: 'Make a key (`arcface keys create`), or name the origin under cors in the configuration.',
  })
}

/** What a browser says of what no other page has asked for. */
const ALONE: readonly string[] = ['same-origin', 'none']
