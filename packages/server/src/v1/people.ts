import {
  checkDescription,
  type ErasureReceipt,
  type PersonCheck,
  receiptOf,
  receiptSchema,
} from '@arcface/gallery'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { ServerError } from '../errors.js'
import { whoseOf } from '../keys/principal.js'
import { checkAddressable, galleryOf, galleryParams, personParams } from './gallery.js'
import { givenKeeping, keepingOf } from './keeping.js'
import { expecting, isExpected, metadata, person, personOf } from './person.js'
import { done, flag, list, pageSize, problems, repeatable } from './schemas.js'

const tags = ['people']

const groups = z.array(z.string()).max(1000)
const description = z.strictObject({
  groups: groups.optional(),
  metadata: metadata.optional(),
  ...givenKeeping,
})

/** Of a deletion. */
const receiptQuery = z.strictObject({
  receipt: flag.describe('Answer with a receipt of what was searched and destroyed, signed'),
})

const defined = ({ groups, metadata, ...given }: z.output<typeof description>) => ({
  ...(groups && { groups }),
  ...(metadata && { metadata }),
  ...keepingOf(given),
})

/** People of a gallery. */
export const people =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    /** @returns the receipt where that is asked for */
    const erase = async (
      request: FastifyRequest<{
        Params: { gallery: string }
        Querystring: z.output<typeof receiptQuery>
      }>,
      names: readonly string[],
      isExpected?: PersonCheck,
    ): Promise<ErasureReceipt | null> => {
      const { gallery: name } = request.params
      if (!request.query.receipt) {
        await (await galleryOf(app, name)).delete(names, isExpected)
        return null
      }
      const key = await app.receipts.key()
      const erasure = await (await galleryOf(app, name)).erase(names, isExpected)
      const receipt = receiptOf(erasure, key, { gallery: name, why: 'asked' })
      note(request, { receipt: receipt.id })
      return receipt
    }

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/people',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Everybody of a gallery by name, a page at a time',
        params: galleryParams,
        querystring: z.strictObject({
          group: list.describe('Only who is in all of these'),
          after: z
            .string()
            .optional()
            .describe('Those behind this name: the last of a page before'),
          search: z
            .string()
            .max(1000)
            .optional()
            .describe('Only whose names have this in them, in whatever case'),
          by: z.enum(['name', 'added']).default('name'),
          descending: flag,
          offset: z.coerce
            .number()
            .int()
            .min(0)
            .default(0)
            .describe('Those behind so many; whoever comes or goes meanwhile moves them'),
          limit: pageSize,
        }),
        response: {
          200: z.object({
            people: z.array(person),
            next: z
              .string()
              .nullable()
              .describe('`after` of the next page; null: this is the last, or not all by name'),
            total: z.int().nullable().describe('On all pages; null behind a name'),
          }),
          ...problems,
        },
      },
      handler: async ({ params, query: { group: groups, after, limit, search, ...order } }) => {
        const gallery = await galleryOf(app, params.gallery)
        const isOrdered =
          search !== undefined || order.by !== 'name' || order.descending || order.offset > 0
        if (after !== undefined && isOrdered)
          throw new ServerError('SERVER_REQUEST', 'after: of all by name alone', {
            hint: 'Turn these pages by offset.',
          })
        const { people, total } =
          after === undefined
            ? await gallery.peopleFrom({ groups, limit, ...order, ...(search && { search }) })
            : { people: await gallery.people({ groups, after, limit }), total: null }
        const isMore = people.length === limit && !isOrdered
        return { people: people.map(personOf), next: isMore ? people.at(-1)!.name : null, total }
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people',
      config: { scope: 'enroll' },
      bodyLimit: app.config.limits.personBytes,
      schema: {
        tags,
        summary: 'Add somebody, without a face yet',
        params: galleryParams,
        headers: repeatable,
        body: description.extend({ name: z.string() }),
        response: { 201: person, ...problems },
      },
      handler: async (request, reply) => {
        const { name, ...given } = request.body
        note(request, { people: [name] })
        checkAddressable(name)
        const description = checkDescription(defined(given))
        const gallery = await galleryOf(app, request.params.gallery)
        const answer = await app.once.run(
          request,
          whoseOf(request),
          [JSON.stringify(request.body)],
          async () => {
            const added = await gallery.addPeople([{ name, ...description }])
            if (added === 0)
              throw new ServerError('SERVER_CONFLICT', 'somebody of this name is there already')
            return personOf(await gallery.person(name))
          },
        )
        return reply.code(201).send(answer)
      },
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/people/:person',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'A person',
        params: personParams,
        response: { 200: person, ...problems },
      },
      handler: async ({ params }) =>
        personOf(await (await galleryOf(app, params.gallery)).person(params.person)),
    })

    server.route({
      method: 'PATCH',
      url: '/galleries/:gallery/people/:person',
      config: { scope: 'enroll' },
      bodyLimit: app.config.limits.personBytes,
      schema: {
        tags,
        summary: 'Rename a person, or replace groups, metadata, consent or how long they are kept',
        params: personParams,
        headers: expecting,
        body: description.extend({ name: z.string().optional() }),
        response: { 200: person, ...problems },
      },
      handler: async (request) => {
        const { gallery: of, person } = request.params
        const { name, ...given } = request.body
        if (name !== undefined) note(request, { people: [name] })
        const gallery = await galleryOf(app, of)
        checkAddressable(name ?? person)
        const change = { ...defined(given), ...(name !== undefined && { name }) }
        return personOf(await gallery.change(person, change, isExpected(request)))
      },
    })

    server.route({
      method: 'DELETE',
      url: '/galleries/:gallery/people/:person',
      config: { scope: 'delete' },
      schema: {
        tags,
        summary: 'Delete a person with all faces, and their bytes',
        params: personParams,
        headers: expecting,
        querystring: receiptQuery,
        response: { 200: receiptSchema, 204: done, ...problems },
      },
      handler: async (request, reply) => {
        const receipt = await erase(request, [request.params.person], isExpected(request))
        return receipt ? reply.send(receipt) : reply.code(204).send(null)
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/delete',
      config: { scope: 'delete' },
      schema: {
        tags,
        summary: 'Delete many people at once, or nobody where one is not there',
        params: galleryParams,
        body: z.strictObject({ names: z.array(z.string()).min(1).max(10_000) }),
        querystring: receiptQuery,
        response: { 200: receiptSchema, 204: done, ...problems },
      },
      handler: async (request, reply) => {
        const { names } = request.body
        note(request, { people: names })
        const receipt = await erase(request, names)
        return receipt ? reply.send(receipt) : reply.code(204).send(null)
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/:person/merge',
      config: { scope: 'delete' },
      schema: {
        tags,
        summary: 'Give all faces of a person to another, and the person up',
        params: personParams,
        headers: expecting,
        body: z.strictObject({ into: z.string() }),
        response: { 200: person, ...problems },
      },
      handler: async (request) => {
        const { params } = request
        const { into } = request.body
        note(request, { people: [into] })
        const gallery = await galleryOf(app, params.gallery)
        await gallery.merge(params.person, into, isExpected(request))
        return personOf(await gallery.person(into))
      },
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/groups',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'The groups that people are in, and how many',
        params: galleryParams,
        response: {
          200: z.object({ groups: z.array(z.object({ name: z.string(), people: z.int() })) }),
          ...problems,
        },
      },
      handler: async ({ params }) => {
        const counts = await (await galleryOf(app, params.gallery)).groups()
        return { groups: [...counts].map(([name, people]) => ({ name, people })) }
      },
    })
  }
