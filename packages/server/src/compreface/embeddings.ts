import { cosine } from '@arcface/vision'
import type { FastifyInstance } from 'fastify'
import type { App } from '../app/app.js'
import { type AuditInput, inputOf, note } from '../audit/note.js'
import { BODY_BYTES, fieldOf } from './bodies.js'
import { mayScore, placeOf } from './gallery.js'
import { cosineOr } from './photographs.js'
import { parametersOf, predictionCount } from './query.js'
import { ComprefaceRefusal } from './refusals.js'
import { both, idOf, type WithId } from './routes.js'
import { comparing, recognize, toldOf } from './verdicts.js'

const search = { config: { scope: 'identify', work: 'search' }, bodyLimit: BODY_BYTES } as const

/** What is asked of embeddings that a client has. */
export const embeddings = (app: App) => async (server: FastifyInstance) => {
  both(server, {
    ...{ method: 'POST', url: '/recognition/embeddings/recognize', ...search },
    handler: async (request) => {
      const given = rowsOf(app, request.body, 'embeddings')
      const count = predictionCount(parametersOf(request.url))
      const probes = given.map(({ unit }) => ({ embedding: unit, rejected: [] }))
      const verdicts = await recognize(app, await placeOf(app, request), probes, count)
      const inputs = verdicts.map((one, i) => inputOf(given[i]!.unit, [toldOf(one)]))
      note(request, { inputs })
      const result = given.map(({ values }, i) => {
        const { subjects: similarities, ...verdict } = verdicts[i]!
        return { embedding: values, similarities, ...verdict }
      })
      return { result }
    },
  })

  server.route<WithId>({
    ...{ method: 'POST', url: '/recognition/embeddings/faces/:id/verify', ...search },
    handler: async (request) => {
      const id = idOf(request.params)
      const given = rowsOf(app, request.body, 'embeddings')
      const { gallery, scores } = await placeOf(app, request)
      const compare = comparing(app, scores)
      const inputs: AuditInput[] = []
      const result = given.map(async ({ values, unit }) => {
        const near = gallery && (await cosineOr(() => gallery.compareFace(id, unit)))
        const verdict = near === undefined ? { similarity: 0 } : compare(near, [])
        inputs.push(inputOf(unit, [toldOf(verdict)]))
        return { embedding: values, ...verdict }
      })
      const compared = await Promise.all(result)
      note(request, { inputs })
      return { result: mostSimilarFirst(compared) }
    },
  })

  both(server, {
    ...{ method: 'POST', url: '/verification/embeddings/verify', ...search },
    handler: async (request) => {
      const source = rowOf(app, fieldOf(request.body, 'source'), 'source')
      const targets = rowsOf(app, request.body, 'targets')
      const compare = comparing(app, mayScore(request))
      const verdicts = targets.map(({ unit }) => compare(cosine(source.unit, unit), []))
      const told = verdicts.map((one) => toldOf(one))
      const inputs = targets.map(({ unit }, i) => inputOf(unit, [told[i]!]))
      note(request, { inputs: [inputOf(source.unit, told), ...inputs] })
      const result = targets.map(({ values }, i) => ({ embedding: values, ...verdicts[i]! }))
      return { result: mostSimilarFirst(result) }
    },
  })
}

const mostSimilarFirst = <T extends { readonly similarity: number }>(all: readonly T[]): T[] =>
  [...all].sort((a, b) => b.similarity - a.similarity)

interface Row {
  /** As they came. */
  readonly values: readonly number[]
  /** Of unit length. */
  readonly unit: Float32Array
}

/** @throws ComprefaceRefusal: missing (5), none or too many (37), none of this model's length (0) */
function rowsOf(app: App, body: unknown, field: 'embeddings' | 'targets'): Row[] {
  const rows = fieldOf(body, field)
  if (rows === undefined || rows === null) throw new ComprefaceRefusal('emptyField', field)
  if (!Array.isArray(rows)) throw no(field, 'a list of embeddings')
  const most = app.config.limits.embeddings
  if (rows.length === 0 || rows.length > most)
    throw new ComprefaceRefusal(
      'embeddings',
      `${rows.length === 0 ? 1 : most} embeddings were expected, but ${rows.length} were provided`,
    )
  return rows.map((row) => rowOf(app, row, field))
}

function rowOf(app: App, row: unknown, field: string): Row {
  if (row === undefined || row === null) throw new ComprefaceRefusal('emptyField', field)
  const { dim } = app.recognizer.model
  if (!(Array.isArray(row) && row.length === dim && row.every(Number.isFinite)))
    throw no(field, `${dim} numbers each`)
  const length = Math.hypot(...row)
  if (!(length > 0 && length < Infinity)) throw no(field, 'longer than nothing')
  return { values: row, unit: Float32Array.from(row, (value: number) => value / length) }
}

const no = (field: string, what: string) =>
  new ComprefaceRefusal('other', '', { detail: `${field}: they are not ${what}` })
