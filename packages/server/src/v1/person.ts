import { createHash } from 'node:crypto'
import type { ListedPerson, PersonCheck } from '@arcface/gallery'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { keeping, told as keepingTold } from './keeping.js'

// Somebody as an answer has them, and whether they still are as an answer had them.

export const metadata = z.record(z.string(), z.unknown()).describe('Any object')

export const person = z
  .object({
    name: z.string(),
    groups: z.array(z.string()),
    metadata,
    added: z.iso.datetime(),
    ...keeping,
    faces: z.int(),
    version: z
      .string()
      .describe('Another when anything of it is: with `if-match` nobody else is overwritten'),
  })
  .meta({ id: 'Person' })

const told = ({ name, groups, metadata, added, faces, ...kept }: ListedPerson) => ({
  ...{ name, groups: [...groups], metadata: { ...metadata } },
  ...{ added: added.toISOString(), faces, ...keepingTold(kept) },
})

const versionOf = (person: ListedPerson): string =>
  createHash('sha256')
    .update(JSON.stringify(told(person)))
    .digest('base64url')
    .slice(0, 22)

export const personOf = (person: ListedPerson) => ({ ...told(person), version: versionOf(person) })

/** Of a request that changes somebody. */
export const expecting = z.object({
  'if-match': z
    .string()
    .optional()
    .describe('The `version` that was read: if it is another now, nothing is changed'),
})

/** Whether somebody is still as the request has read them. */
export function isExpected(request: FastifyRequest): PersonCheck | undefined {
  const given = request.headers['if-match']
  if (given === undefined || given === '*') return undefined
  const version = given.replace(/^"(.*)"$/, '$1')
  return (person) => versionOf(person) === version
}
