import { STATUS_CODES } from 'node:http'
import { messageOf } from '@arcface/files'
import { z } from 'zod'
import { codes } from './codes.js'
import { refusalOfForeign } from './foreign.js'

export const PROBLEM_TYPE = 'application/problem+json'

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Names the code: urn:arcface:problem:CODE' }),
    title: z.string().meta({ description: 'What the code means' }),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong with this request' }),
    code: z.string(),
    hint: z.string().optional().meta({ description: 'What to do' }),
    rejected: z
      .array(z.string())
      .optional()
      .meta({ description: 'What speaks against the face that was to be enrolled' }),
    instance: z.string().optional().meta({ description: 'Of this request, as the log has it' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

export type Problem = z.output<typeof problemSchema>

/**
 * The answer to a request that failed. What a client cannot mend is told by its code alone: the message, which may name
 * a path of this machine, is the log's.
 * @param instance the request's id
 */
export function problemOf(error: unknown, instance?: string): Problem {
  const { code, hint, message, rejected } = Object(error) as {
    code?: unknown
    hint?: string
    message?: string
    rejected?: readonly string[]
  }
  const own = typeof code === 'string' ? codes[code] : undefined
  const [named, told] = own
    ? [code as string, message ?? messageOf(error)]
    : (refusalOfForeign(Object(error)) ?? ['SERVER_INTERNAL'])
  const { meaning, status } = codes[named]!
  const isClients = status < 500 || named.startsWith('SERVER_')
  return {
    type: `urn:arcface:problem:${named}`,
    title: meaning,
    status,
    detail: (isClients && named !== 'SERVER_INTERNAL' && told) || meaning,
    code: named,
    ...(isClients && hint !== undefined && { hint }),
    ...(named === 'VISION_POOR_FACE' && rejected && { rejected: [...rejected] }),
    ...(instance !== undefined && { instance: `urn:arcface:request:${instance}` }),
  }
}

/** What is written to a connection whose request could not be read. */
export function rawProblem(error: unknown): string {
  const problem = problemOf(error)
  const body = JSON.stringify(problem)
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}
