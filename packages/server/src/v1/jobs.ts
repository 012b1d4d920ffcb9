import type { Readable } from 'node:stream'
import { clusterStrangers, photoHash } from '@arcface/gallery'
import { chooseSearchThreshold, ONE_FACE } from '@arcface/vision'
import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { temporaryOf } from '../config/load.js'
import { ServerError } from '../errors.js'
import { problemSchema } from '../http/problem.js'
import { TemporaryFile, withoutPath } from '../http/upload.js'
import { enrollZip } from '../jobs/enroll.js'
import { follow } from '../jobs/events.js'
import type { Job } from '../jobs/jobs.js'
import { isOfMember, Photographs } from '../jobs/zip.js'
import { hasScope, mayUse, principalOf, whoseOf } from '../keys/principal.js'
import { galleryOf, galleryOfModel, galleryParams } from './gallery.js'
import { keepingQueried, queriedKeeping } from './keeping.js'
import { flag, fpir, list, problems, threshold } from './schemas.js'

const tags = ['jobs']
const file = ['application/zip']

const job = z
  .object({
    id: z.string(),
    kind: z.string(),
    gallery: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
    created: z.iso.datetime(),
    ended: z.iso.datetime().nullable(),
    done: z.int(),
    total: z.int().nullable().describe('null: not known yet'),
    result: z.unknown().describe('What it came to, by its kind'),
    problem: problemSchema.nullable(),
  })
  .meta({ id: 'Job' })

export const jobParams = z.object({ job: z.string().describe('Its id') })

/** Long work, which goes on when the request is over. */
export const jobs =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { recognizer, config } = app
    const folder = temporaryOf(config)
    server.removeContentTypeParser('application/octet-stream')
    server.addContentTypeParser(['application/zip', 'application/octet-stream'], (_, body, done) =>
      done(null, body),
    )

    /** Takes the zip of a request, which is the job's from then on. */
    const received = async (request: FastifyRequest): Promise<TemporaryFile> => {
      const { body, gone } = request
      app.jobs.check(whoseOf(request))
      if (!body)
        throw new ServerError('SERVER_REQUEST', 'a zip is missing', {
          hint: 'Send its bytes as the body, as application/zip; not in a form.',
        })
      const zip = new TemporaryFile(folder, '.zip')
      try {
        await zip.receive(body as Readable, config.limits.uploadBytes, gone)
        // What is no zip is told now, not by a job.
        await withoutPath(zip.path, async () => new Photographs(zip.path)[Symbol.dispose]())
        return zip
      } catch (error) {
        zip[Symbol.dispose]()
        throw error
      }
    }

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/jobs/enroll',
      config: { scope: 'enroll', work: 'upload' },
      schema: {
        tags,
        summary: 'Enrol a zip with a folder a person',
        params: galleryParams,
        querystring: z.strictObject({
          faces: z.enum(ONE_FACE).default('largest'),
          flip: flag,
          group: list.describe('Of people who are not there yet, as consent and retention'),
          ...queriedKeeping,
        }),
        file,
        response: { 202: job, ...problems },
      },
      handler: async (request, reply) => {
        const { group: groups, faces, flip } = request.query
        const whom = { groups, ...keepingQueried(request.query) }
        // Who is alike is told by name: to keys that may identify.
        const alike = hasScope(principalOf(request), 'identify')
        const gallery = await galleryOfModel(app, request.params.gallery)
        const zip = await received(request)
        const started = app.jobs.start({
          kind: 'enroll',
          gallery: request.params.gallery,
          owner: whoseOf(request),
          release: () => zip[Symbol.dispose](),
          work: (told, signal) =>
            withoutPath(zip.path, () =>
              enrollZip(app, gallery, zip.path, whom, { faces, flip, alike })(told, signal),
            ),
        })
        return reply.code(202).send(started.view)
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/jobs/clusters',
      config: { scope: 'identify', work: 'upload' },
      schema: {
        tags,
        summary: 'Who in a zip of photographs is a stranger, and which of them are the same',
        params: galleryParams,
        querystring: z.strictObject({ fpir, threshold }),
        file,
        response: { 202: job, ...problems },
      },
      handler: async (request, reply) => {
        const { query } = request
        chooseSearchThreshold(recognizer.thresholds, query, 1) // what is wrong is said before the work
        const gallery = await galleryOfModel(app, request.params.gallery)
        const zip = await received(request)
        const started = app.jobs.start({
          kind: 'clusters',
          gallery: request.params.gallery,
          owner: whoseOf(request),
          release: () => zip[Symbol.dispose](),
          work: (told, signal) =>
            withoutPath(zip.path, async () => {
              using photographs = new Photographs(zip.path)
              const { members } = photographs
              const unread: { photo: string; reason: string }[] = []
              const hashes = new Map<string, string | undefined>()
              const each = async function* () {
                for (const { name } of members)
                  try {
                    const photo = await photographs.read(name, config.limits.photoBytes)
                    hashes.set(name, await photoHash(photo))
                    yield photo
                  } catch (error) {
                    if (!isOfMember(error)) throw error
                    unread.push({ photo: name, reason: error.message })
                  }
              }
              const { clusters, ...found } = await clusterStrangers(gallery, recognizer, each(), {
                ...query,
                thumbnails: true,
                onProgress: (done) => told(done + unread.length, members.length),
                signal,
              })
              const faces = clusters.flat().map((one) => ({ ...one, hash: hashes.get(one.photo) }))
              app.strangers.hold(started.id, faces)
              let face = 0
              return {
                ...found,
                clusters: clusters.map((one) => one.map(({ photo }) => photo)),
                strangers: clusters.map((one) =>
                  one.map(({ photo, box }) => ({ face: face++, photo, box })),
                ),
                skipped: [...unread, ...found.skipped],
              }
            }),
        })
        return reply.code(202).send(started.view)
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/jobs/duplicates',
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Faces that are there twice, or under two names',
        params: galleryParams,
        querystring: z.strictObject({ fpir, threshold }),
        response: { 202: job, ...problems },
      },
      handler: async (request, reply) => {
        const gallery = await galleryOf(app, request.params.gallery)
        const { faces } = await gallery.count()
        const chosen = chooseSearchThreshold(recognizer.thresholds, request.query, faces)
        if (chosen.threshold === null)
          throw new ServerError('SERVER_REQUEST', 'the model names no threshold: give one')
        const limit = chosen.threshold
        const started = app.jobs.start({
          kind: 'duplicates',
          gallery: request.params.gallery,
          owner: whoseOf(request),
          work: async () => {
            const found = await gallery.duplicates(limit)
            const { warning, source, far, fpir } = chosen
            return {
              ...{ threshold: limit, far, fpir, source, warning, pairs: found.length },
              duplicates: found.slice(0, MOST_TOLD),
            }
          },
        })
        return reply.code(202).send(started.view)
      },
    })

    server.route({
      method: 'GET',
      url: '/jobs',
      config: { scope: 'any' },
      schema: {
        tags,
        summary: "The key's jobs, or those of all of its galleries for an admin",
        response: { 200: z.object({ jobs: z.array(job.omit({ result: true })) }), ...problems },
      },
      handler: async (request) => {
        const visible = app.jobs.list().filter((one) => isVisible(request, one))
        return { jobs: visible.map(({ view: { result: _, ...view } }) => view) }
      },
    })

    server.route({
      method: 'GET',
      url: '/jobs/:job',
      config: { scope: 'any' },
      schema: {
        tags,
        summary: 'A job, and what it came to',
        params: jobParams,
        response: { 200: job, ...problems },
      },
      handler: async (request) => jobOf(app, request).view,
    })

    server.route({
      method: 'GET',
      url: '/jobs/:job/events',
      config: { scope: 'any' },
      schema: {
        tags,
        summary: 'The progress of a job as server-sent events, until it has ended',
        params: jobParams,
        response: {
          200: {
            description: 'Events named by the state; data: { id, state, done, total }',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problems,
        },
      },
      handler: (request, reply) => {
        follow(jobOf(app, request), request, reply)
      },
    })

    server.route({
      method: 'DELETE',
      url: '/jobs/:job',
      config: { scope: 'any' },
      schema: {
        tags,
        summary: 'Cancel a job: what is committed stays; of one that has ended let go of the faces',
        params: jobParams,
        response: { 200: job, ...problems },
      },
      handler: async (request) => {
        const found = jobOf(app, request)
        found.cancel()
        app.strangers.drop(found.id)
        return found.view
      },
    })
  }

/** Of a list that is told; the count is of all. */
const MOST_TOLD = 1000

/** A job that the key may see: its own, or as admin of the gallery. @throws ServerError SERVER_JOB */
export function jobOf({ jobs }: App, request: FastifyRequest): Job {
  const found = jobs.get((request.params as z.output<typeof jobParams>).job)
  if (found && isVisible(request, found)) return found
  throw new ServerError('SERVER_JOB', 'there is no job of this id')
}

function isVisible(request: FastifyRequest, { given: { owner, gallery } }: Job): boolean {
  const principal = principalOf(request)
  const { key } = principal
  if (key === null || owner === key.id) return true
  return key.scopes.includes('admin') && mayUse(principal, gallery)
}
