import { identifyPhoto, verifyPerson } from '@arcface/gallery'
import { identifyFaces } from '@arcface/vision'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { type AuditInput, inputOf, note } from '../audit/note.js'
import { readPictures } from '../http/pictures.js'
import { faceOf } from './answers.js'
import { type Decided, decidedOf, decision, searchQuery, told } from './decision.js'
import { galleryOfModel, galleryParams, personParams } from './gallery.js'
import { eachPhotograph } from './photographs.js'
import {
  chosen,
  embeddingsBody,
  face,
  far,
  findQuery,
  flag,
  lively,
  oneFaceQuery,
  operated,
  photographs,
  probability,
  problems,
  similarity,
  threshold,
} from './schemas.js'

const tags = ['recognition']

/** Who somebody is. */
export const identify =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { recognizer, config, metrics } = app

    const decided = (found: Decided) => decidedOf(app, found)

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/identify',
      config: { scope: 'identify', work: 'photo' },
      schema: {
        tags,
        summary: 'Who is in photographs?',
        params: galleryParams,
        headers: operated,
        querystring: findQuery.extend({ ...searchQuery, flip: flag, liveness: lively }),
        pictures: { names: ['photo'], many: true },
        response: { 200: photographs(face.extend(decision)), ...problems },
      },
      handler: async (request) => {
        const { group: groups, ...options } = request.query
        const gallery = await galleryOfModel(app, request.params.gallery)
        const given = { ...options, filter: { groups }, signal: request.gone }
        const inputs: AuditInput[] = []
        const answer = await eachPhotograph(app, request, async (photo) => {
          const faces = await identifyPhoto(gallery, recognizer, photo, given)
          metrics.searched(faces.length)
          const verdicts = faces.map(decided)
          inputs.push(inputOf(photo, verdicts.map(told)))
          return faces.map((one, i) => ({ ...faceOf(one), ...verdicts[i]! }))
        })
        note(request, { inputs })
        return answer
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/search',
      config: { scope: 'identify', work: 'search' },
      schema: {
        tags,
        summary: 'Whose embeddings are these?',
        params: galleryParams,
        headers: operated,
        querystring: z.strictObject(searchQuery),
        body: embeddingsBody(config),
        response: { 200: z.object({ results: z.array(z.object(decision)) }), ...problems },
      },
      handler: async (request) => {
        const { params, query, body } = request
        const gallery = await galleryOfModel(app, params.gallery)
        const { group: groups, ...given } = query
        const probes = body.embeddings.map((one) => ({
          embedding: Float32Array.from(one),
          rejected: [],
        }))
        const found = await identifyFaces(
          recognizer.thresholds,
          { ...given, filter: { groups } },
          async () => probes,
          (embeddings, search) => gallery.identifyMany(embeddings, search),
        )
        metrics.searched(found.length)
        const results = found.map(decided)
        const inputs = results.map((one, i) => inputOf(probes[i]!.embedding, [told(one)]))
        note(request, { inputs })
        return { results }
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/:person/verify',
      config: { scope: 'identify', work: 'photo' },
      schema: {
        tags,
        summary: 'Does a photograph show this person?',
        params: personParams,
        headers: operated,
        querystring: oneFaceQuery.extend({ far, threshold, flip: flag, liveness: lively }),
        pictures: { names: ['photo'] },
        response: {
          200: z.object({
            person: z.string(),
            same: z.boolean().nullable(),
            similarity,
            face: z.string().describe('Id of the most similar face of the person'),
            faceSource: z.string().nullable(),
            faces: z.int().describe('Of the person: the more, the higher the threshold'),
            ...chosen,
            ...probability,
            rejected: z.array(z.string()),
            a: face,
          }),
          ...problems,
        },
      },
      handler: async (request) => {
        const { gallery: name, person } = request.params
        const gallery = await galleryOfModel(app, name)
        const [[photo]] = (await readPictures(request, { names: ['photo'] }, config.limits)) as [
          [never],
        ]
        const { a, ...verdict } = await verifyPerson(gallery, recognizer, photo, person, {
          ...request.query,
          signal: request.gone,
        })
        metrics.found(1)
        const { same, threshold, far } = verdict
        const people = same ? [verdict.person] : []
        const compared = { known: same, people, threshold, far }
        note(request, { inputs: [inputOf(photo, [compared])] })
        return { ...verdict, rejected: [...verdict.rejected], a: faceOf(a) }
      },
    })
  }
