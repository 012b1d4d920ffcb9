import { checkDescription, type ListedPerson, normalName } from '@arcface/gallery'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { ServerError } from '../errors.js'
import { whoseOf } from '../keys/principal.js'
import { checkAddressable, galleryOf, galleryParams, personParams } from './gallery.js'
import { done, list, pageSize, problems, repeatable } from './schemas.js'

const tags = ['people']

const metadata = z.record(z.string(), z.unknown()).describe('Any object')
const groups = z.array(z.string()).max(1000)
const description = z.strictObject({ groups: groups.optional(), metadata: metadata.optional() })

const person = z
  .object({
    name: z.string(),
    groups: z.array(z.string()),
    metadata,
    added: z.iso.datetime(),
    faces: z.int(),
  })
  .meta({ id: 'Person' })

const personOf = ({ name, groups, metadata, added, faces }: ListedPerson) => ({
  ...{ name, groups: [...groups], metadata: { ...metadata } },
  ...{ added: added.toISOString(), faces },
})

const defined = ({ groups, metadata }: z.output<typeof description>) => ({
  ...(groups && { groups }),
  ...(metadata && { metadata }),
})

/** People of a gallery. */
export const people =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
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
          limit: pageSize,
        }),
        response: {
          200: z.object({
            people: z.array(person),
            next: z
              .string()
              .nullable()
              .describe('`after` of the next page; null: this is the last'),
          }),
          ...problems,
        },
      },
      handler: async ({ params, query: { group, after, limit } }) => {
        const gallery = await galleryOf(app, params.gallery)
        const found = await gallery.people({ groups: group, after, limit })
        const next = found.length === limit ? found.at(-1)!.name : null
        return { people: found.map(personOf), next }
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
        summary: 'Rename a person, or replace groups or metadata',
        params: personParams,
        body: description.extend({ name: z.string().optional() }),
        response: { 200: person, ...problems },
      },
      handler: async (request) => {
        const { gallery: of, person } = request.params
        const { name, ...given } = request.body
        if (name !== undefined) note(request, { people: [name] })
        const gallery = await galleryOf(app, of)
        // What is wrong with one of them is said before anything is changed.
        const description = checkDescription(defined(given))
        const { name: before } = await gallery.person(person)
        const now = name === undefined ? before : normalName(name)
        checkAddressable(now)
        if (now !== before) await gallery.rename(before, now)
        if (Object.keys(description).length > 0) await gallery.describe(now, description)
        return personOf(await gallery.person(now))
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
        response: { 204: done, ...problems },
      },
      handler: async ({ params }, reply) => {
        await (await galleryOf(app, params.gallery)).delete([params.person])
        return reply.code(204).send(null)
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
        response: { 204: done, ...problems },
      },
      handler: async (request, reply) => {
        const { names } = request.body
        note(request, { people: names })
        await (await galleryOf(app, request.params.gallery)).delete(names)
        return reply.code(204).send(null)
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
        body: z.strictObject({ into: z.string() }),
        response: { 200: person, ...problems },
      },
      handler: async (request) => {
        const { params } = request
        const { into } = request.body
        note(request, { people: [into] })
        const gallery = await galleryOf(app, params.gallery)
        await gallery.merge(params.person, into)
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
