import type { FastifyReply, FastifyRequest } from 'fastify'
import { ServerError } from '../errors.js'

// A similarity tells more than the decision: with it a face can be made, step by step, that is taken for another's.

const SCORES: ReadonlySet<string> = new Set([
  'similarity',
  'likelihoodRatio',
  'probability',
  'prior',
  'atBound',
  'embedding',
])

/** Of `liveness`, whose score leads step by step to a picture that passes. */
const LIVELY: ReadonlySet<string> = new Set(['score', 'scores'])

/** Options by which decisions could be asked for until the similarity is known. */
const THRESHOLDS = ['threshold', 'far', 'fpir'] as const

const hasScores = ({ principal }: FastifyRequest): boolean => principal?.key?.scores !== false

/** A hook before answers are written: for a key without scores they are left out. @param names what is called so */
export const leaveOutScores =
  (names = SCORES) =>
  async (request: FastifyRequest, _: FastifyReply, payload: unknown) =>
    hasScores(request) ? payload : hideScores(payload, names)

/** A key without scores takes the server's threshold. @throws ServerError SERVER_SCOPE */
export function checkThreshold(request: FastifyRequest): void {
  if (hasScores(request)) return
  const query = Object(request.query) as Record<string, unknown>
  const chosen = THRESHOLDS.find((name) => Object.hasOwn(query, name))
  if (chosen !== undefined)
    throw new ServerError('SERVER_SCOPE', `a key without scores cannot choose ${chosen}`)
}

/** A result, as JSON will have it, without its scores at any depth; the rest is the same. */
function hideScores(result: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(result)) return result.map((one) => hideScores(one, names))
  if (typeof result !== 'object' || result === null || ArrayBuffer.isView(result)) return result
  const { toJSON } = result as { toJSON?: unknown }
  if (typeof toJSON === 'function') return hideScores(toJSON.call(result), names)
  return Object.fromEntries(
    Object.entries(result)
      .filter(([name]) => !names.has(name))
      .map(([name, value]) => [name, hideScores(value, name === 'liveness' ? LIVELY : names)]),
  )
}
