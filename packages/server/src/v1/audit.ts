import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { summaryOf } from '../audit/filter.js'
import { latestAudit } from '../audit/latest.js'
import { verifyAudit } from '../audit/verify.js'
import { auditOf } from '../config/load.js'
import { checkAllGalleries, principalOf } from '../keys/principal.js'
import { list, pageSize, problems } from './schemas.js'

const tags = ['operation']
const config = { scope: 'admin' } as const
const text = z.string().min(1).max(1000).optional()
const time = z.iso.datetime({ offset: true }).optional()

const line = z
  .object({
    chain: z.string().describe('Of the process that wrote it'),
    seq: z.int().describe('Its place in the chain'),
    time: z.string(),
    what: z.string().describe('The operation, or the kind of the line'),
    gallery: z.string().nullable(),
    key: z.string().nullable().describe('Id of the key that asked'),
    people: z.array(z.string()).describe('Whom it concerns, and who was found'),
    status: z.int().nullable(),
    fields: z.record(z.string(), z.unknown()).describe('The line as it is written'),
  })
  .meta({ id: 'AuditLine' })

const chain = z
  .object({
    chain: z.string(),
    segments: z.int().describe('Files'),
    lines: z.int().describe('In order, up to the problem where there is one'),
    from: z.string().nullable(),
    to: z.string().nullable(),
    head: z.string().describe('Hash of the last of them, to be noted elsewhere'),
    problem: z
      .object({ file: z.string(), line: z.int(), why: z.string() })
      .nullable()
      .describe('The first place where it is not as it was written'),
  })
  .meta({ id: 'AuditChain' })

/** Who asked what, for who looks after the server as a whole. */
export const auditRoutes =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const folder = auditOf(app.config)
    let verifying: ReturnType<typeof verifyAudit> | undefined
    server.addHook('preHandler', async (request) => checkAllGalleries(principalOf(request)))

    server.route({
      method: 'GET',
      url: '/audit',
      config,
      schema: {
        tags,
        summary: 'Who asked what, the latest first',
        description: 'Looks at some 16 MB of the log at once: a page may be short, and has a next.',
        querystring: z.strictObject({
          since: time,
          until: time.describe('Before this time'),
          key: text.describe('Asked with the key of this id'),
          gallery: text,
          person: text.describe('Found, or concerned'),
          operation: text.describe('Stands in the operation, such as identify'),
          before: text.describe('`next` of the page before'),
          limit: pageSize,
        }),
        response: {
          200: z.object({
            enabled: z.boolean().describe('Whether this server writes a log'),
            lines: z.array(line),
            next: z.string().nullable().describe('null: nothing is older'),
            changed: z.int().describe('Lines passed over that are not as they were written'),
          }),
          ...problems,
        },
      },
      handler: async ({ query: { before, limit, since, until, ...rest } }) => {
        const dateOf = (when: string | undefined) => (when === undefined ? when : new Date(when))
        const filter = { ...rest, since: dateOf(since), until: dateOf(until) }
        const { lines, next, changed } = await latestAudit(folder, filter, { limit, before })
        return {
          enabled: app.audit !== null,
          lines: lines.map(({ chain, line }) => {
            const { people, ...told } = summaryOf(line)
            const { seq, time } = line
            return { chain, seq, time, ...told, people: [...people], fields: { ...line } }
          }),
          next,
          changed,
        }
      },
    })

    server.route({
      method: 'GET',
      url: '/audit/chains',
      config,
      schema: {
        tags,
        summary: 'Whether the whole log is as it was written',
        querystring: z.strictObject({
          expect: list.describe('Hashes that were noted: a line has to have each'),
        }),
        response: {
          200: z.object({
            good: z.boolean(),
            chains: z.array(chain),
            missing: z.array(z.string()).describe('Of the expected hashes those that no line has'),
          }),
          ...problems,
        },
      },
      handler: async ({ query }) => {
        // All of it is read: one after the other.
        while (verifying) await verifying.catch(() => {})
        verifying = verifyAudit(folder, query.expect).finally(() => {
          verifying = undefined
        })
        const { chains, missing } = await verifying
        const good = chains.every(({ problem }) => problem === null) && missing.length === 0
        return { good, chains: [...chains], missing: [...missing] }
      },
    })
  }
