import { ACTS, type ChallengeState, identifyFaces } from '@arcface/vision'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { inputOf, note } from '../audit/note.js'
import { readPictures } from '../http/pictures.js'
import { whoseOf } from '../keys/principal.js'
import { decidedOf, decision, searchQuery, told } from './decision.js'
import { galleryOfModel, galleryParams } from './gallery.js'
import { chosen, operated, problems, similarity } from './schemas.js'

const tags = ['recognition']
const act = z.enum(ACTS)

const state = {
  ask: z
    .enum(['ready', 'front', ...ACTS])
    .nullable()
    .describe(
      'Look into the camera (ready), an act, look into the camera again (front); null: over',
    ),
  done: z.int().describe('Acts that are done'),
  of: z.int(),
  left: z.number().describe('For what is asked now, milliseconds'),
}

const verdict = z.object({
  passed: z.boolean(),
  failure: z
    .string()
    .nullable()
    .describe('nobody, several, another, jumped, wrong, late, gap or clock; null where it passed'),
  acts: z.array(z.object({ act, took: z.number().describe('Milliseconds') })),
  identity: z.object({
    ...chosen,
    similarity: similarity.nullable().describe('Lowest cosine of a frame that counts to the first'),
    frames: z.int().describe('That count: of one person, alone and well seen'),
  }),
  took: z.number().describe('Milliseconds'),
})

const stateOf = ({ ask, done, of, left }: ChallengeState) => ({ ask, done, of, left })

const verdictOf = ({ verdict: found }: ChallengeState) => {
  if (found === undefined) return undefined
  const { lowest, ...identity } = found.identity
  return { ...found, acts: [...found.acts], identity: { ...identity, similarity: lowest } }
}

/** Who somebody is who does what is asked, now and before the camera. */
export const challenges =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { recognizer, config, metrics } = app

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/challenges',
      config: { scope: 'identify' },
      schema: {
        tags,
        summary: 'Begin a challenge: what is to be done before the camera is told act by act',
        params: galleryParams,
        response: { 201: z.object({ id: z.string(), ...state }), ...problems },
      },
      handler: async (request, reply) => {
        const { gallery } = request.params
        await galleryOfModel(app, gallery)
        const { id, of } = await app.challenges.begin(whoseOf(request), gallery)
        return reply.code(201).send({ id, ...stateOf(of.state) })
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/challenges/:challenge/frames',
      config: { scope: 'identify', work: 'photo' },
      schema: {
        tags,
        summary: 'The next frame of a challenge; with the last one: was it passed, and by whom?',
        params: galleryParams.extend({ challenge: z.string().describe('Its id') }),
        headers: operated,
        querystring: z.strictObject(searchQuery),
        pictures: { names: ['photo'] },
        response: {
          200: z.object({
            ...state,
            verdict: verdict.optional().describe('When it is over'),
            person: z.object(decision).optional().describe('Where it was passed'),
          }),
          ...problems,
        },
      },
      handler: async (request) => {
        const { gallery: name, challenge: id } = request.params
        const held = app.challenges.find(id, whoseOf(request), name)
        const gallery = await galleryOfModel(app, name)
        const [[photo]] = (await readPictures(request, { names: ['photo'] }, config.limits)) as [
          [never],
        ]
        // When it has arrived: what a client says of the time is worth nothing.
        const found = await held.of.frame(photo, app.challenges.now(), { signal: request.gone })
        const answer = { ...stateOf(found), verdict: verdictOf(found) }
        if (found.verdict === undefined) return answer
        app.challenges.end(held)
        const { face } = held.of
        if (!found.verdict.passed || face === undefined) return answer
        const { group: groups, ...given } = request.query
        const [one] = await identifyFaces(
          recognizer.thresholds,
          { ...given, filter: { groups } },
          async () => [face],
          (embeddings, search) => gallery.identifyMany(embeddings, search),
        )
        metrics.searched(1)
        const person = decidedOf(app, one!)
        note(request, { inputs: [inputOf(face.embedding, [told(person)])] })
        return { ...answer, person }
      },
    })
  }
