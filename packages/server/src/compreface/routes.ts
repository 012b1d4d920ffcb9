import type { FastifyInstance, RouteOptions } from 'fastify'
import { ComprefaceRefusal } from './refusals.js'

/** With a last slash and without, as CompreFace takes them. */
export function both(server: FastifyInstance, route: RouteOptions): void {
  server.route(route)
  server.route({ ...route, url: `${route.url}/` })
}

/** As faces' ids are here: CompreFace's are UUIDs, ours too where nobody chooses others. */
const ID = /^[0-9a-zA-Z-]{1,64}$/

export interface WithId {
  Params: { readonly id: string }
}

/** @throws ComprefaceRefusal: empty (35), none (0) */
export function idOf({ id }: WithId['Params']): string {
  if (id === '') throw new ComprefaceRefusal('path', 'image_id')
  if (ID.test(id)) return id
  throw new ComprefaceRefusal('other', '', { detail: 'image_id: it is none' })
}

export const isId = (value: unknown): value is string => typeof value === 'string' && ID.test(value)
