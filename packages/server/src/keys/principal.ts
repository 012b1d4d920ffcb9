import type { FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'
import type { Scope } from '../http/route.js'
import type { CheckedKey } from './key.js'

/** Who asks. */
export interface Principal {
  /** null: the server has no keys, and answers whoever is on its machine. */
  readonly key: CheckedKey | null
}

declare module 'fastify' {
  interface FastifyRequest {
    /** null on public routes, and before the key was checked. */
    principal: Principal | null
    /** Whether who asked would still be let in: an answer that goes on for long ends with the key. */
    isTaken(): boolean
  }
}

/** Who asks a route that is not public. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (principal) return principal
  throw new ServerError('SERVER_INTERNAL', 'nobody was asked for a key')
}

/** Whether a gallery, there or not, is any of theirs. */
export const mayUse = ({ key }: Principal, gallery: string): boolean =>
  key === null || key.galleries === null || key.galleries.includes(gallery)

/** Whether they may do what a scope allows, wherever. */
export const hasScope = ({ key }: Principal, scope: Scope): boolean =>
  key === null || key.scopes.includes(scope)

/** @throws ServerError SERVER_SCOPE */
export function allow(principal: Principal, scope: Scope | 'any', gallery?: string): void {
  const { key } = principal
  if (key === null) return
  if (scope !== 'any' && !hasScope(principal, scope))
    throw new ServerError('SERVER_SCOPE', `the key ${key.id} does not have the scope ${scope}`)
  if (gallery !== undefined) checkGallery(principal, gallery)
}

/** @throws ServerError SERVER_SCOPE */
export function checkGallery(principal: Principal, gallery: string): void {
  if (!mayUse(principal, gallery))
    throw new ServerError('SERVER_SCOPE', `the key ${principal.key?.id} is for other galleries`)
}

/** What is of no gallery is for who may use every one. @throws ServerError SERVER_SCOPE */
export function checkAllGalleries({ key }: Principal): void {
  if (key?.galleries)
    throw new ServerError('SERVER_SCOPE', `the key ${key.id} is not for all galleries`)
}

/** Whose request it is: the key's id, of whoever needs none ''. */
export const whoseOf = (request: FastifyRequest): string => principalOf(request).key?.id ?? ''
