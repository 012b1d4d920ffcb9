import type { FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'
import { isToken, type Session, type Sessions } from './sessions.js'

/** Where a browser is to send it over TLS alone, its name says so. */
export const cookieName = ({ protocol }: FastifyRequest): string =>
  protocol === 'https' ? '__Host-arcface' : 'arcface'

/** What the cookie of a request holds. */
export const cookieOf = (request: FastifyRequest): string | undefined =>
  request.cookies[cookieName(request)]

const SAFE: readonly string[] = ['GET', 'HEAD']

/**
 * The session of a request: none where there is no cookie, or one that is not taken any more.
 * @throws ServerError SERVER_TOKEN: it changes something, and does not come from the page of the session
 */
export function sessionOf(request: FastifyRequest, sessions: Sessions): Session | undefined {
  const id = cookieOf(request)
  const session = id === undefined ? undefined : sessions.find(id)
  if (session && !SAFE.includes(request.method)) checkPage(request, session)
  return session
}

function checkPage(request: FastifyRequest, { csrf }: Session): void {
  const { origin, 'sec-fetch-site': site, 'x-csrf': token } = request.headers
  const isOwn =
    (origin === undefined || (URL.canParse(origin) && new URL(origin).host === request.host)) &&
    (site === undefined || site === 'same-origin')
  if (!isOwn) throw new ServerError('SERVER_TOKEN', 'a page of another origin asks')
  if (!isToken(token === undefined ? undefined : String(token), csrf))
    throw new ServerError('SERVER_TOKEN', 'the token of the session is missing or wrong', {
      hint: 'Load the page again.',
    })
}
