import { photoHash } from '@arcface/gallery'
import { chooseSearchThreshold, identifyFaces, searchThreshold } from '@arcface/vision'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { inputOf, note } from '../audit/note.js'
import { readPictures } from '../http/pictures.js'
import { allow, principalOf } from '../keys/principal.js'
import { faceOf } from './answers.js'
import { decidedOf, decision, searchQuery, told } from './decision.js'
import { galleryOf, galleryOfModel, galleryParams, personParams } from './gallery.js'
import {
  chosen,
  face,
  flag,
  fpir,
  oneFaceQuery,
  problems,
  similarity,
  threshold,
} from './schemas.js'

/** What a person looks at before faces are enrolled, and after. */
export const review =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { recognizer, config } = app

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/review',
      config: { scope: 'enroll', work: 'photo' },
      schema: {
        tags: ['people'],
        summary: 'What enrolment by a photograph would come to; nothing is kept',
        params: galleryParams,
        querystring: oneFaceQuery.extend({
          ...searchQuery,
          flip: flag,
          alike: flag.describe('Tell who is like it: for keys that may identify'),
        }),
        pictures: { names: ['photo'] },
        response: {
          200: z.object({
            face: face.describe('That would be enrolled, unless it is `rejected`'),
            there: z.array(z.string()).describe('Who has a face of this photograph already'),
            alike: z.object(decision).nullable().describe('null: not asked, or it is rejected'),
          }),
          ...problems,
        },
      },
      handler: async (request) => {
        const { group: groups, alike, top, far, fpir, threshold, ...finding } = request.query
        if (alike) allow(principalOf(request), 'identify')
        const gallery = await galleryOfModel(app, request.params.gallery)
        const [[photo]] = (await readPictures(request, { names: ['photo'] }, config.limits)) as [
          [never],
        ]
        const options = { ...finding, purpose: 'enrolment', signal: request.gone } as const
        const found = await recognizer.embedOne(photo, options)
        app.metrics.found(1)
        const isSearched = alike && found.rejected.length === 0
        const [identified] = isSearched
          ? await identifyFaces(
              recognizer.thresholds,
              { top, far, fpir, threshold, filter: { groups } },
              async () => [found],
              (embeddings, search) => gallery.identifyMany(embeddings, search),
            )
          : []
        if (isSearched) app.metrics.searched(1)
        const hash = await photoHash(photo)
        const there =
          hash === undefined ? [] : ((await gallery.photographs([hash])).get(hash) ?? [])
        const verdict = identified ? decidedOf(app, identified) : null
        if (verdict) note(request, { inputs: [inputOf(photo, [told(verdict)])] })
        return {
          face: faceOf(found),
          there: [...new Set(there.map(({ person }) => person))],
          alike: verdict,
        }
      },
    })

    server.route({
      method: 'GET',
      url: '/galleries/:gallery/people/:person/review',
      config: { scope: 'identify' },
      schema: {
        tags: ['people'],
        summary: "Which of a person's faces fit the others, and which are somebody else's",
        params: personParams,
        querystring: z.strictObject({ fpir, threshold }),
        response: {
          200: z.object({
            ...chosen,
            fpir: z.number().nullable(),
            faces: z.array(
              z.object({
                face: z.string(),
                own: z
                  .object({ similarity })
                  .nullable()
                  .describe("With the mean of the person's other faces; null: there is none"),
                alike: z
                  .object({ person: z.string(), face: z.string(), similarity })
                  .nullable()
                  .describe('Who else is above the threshold'),
              }),
            ),
          }),
          ...problems,
        },
      },
      handler: async (request) => {
        const { params, query } = request
        const gallery = await galleryOf(app, params.gallery)
        const { faces } = await gallery.count()
        const decided = chooseSearchThreshold(recognizer.thresholds, query, faces)
        const fits = await gallery.fit(params.person)
        const ids = fits.map(({ face }) => face)
        const others =
          decided.threshold === null
            ? []
            : await gallery.alike(ids, searchThreshold(recognizer.thresholds, query))
        const byFace = new Map(others.map((one) => [one.face, one]))
        note(request, { people: [params.person, ...new Set(others.map(({ other }) => other))] })
        const { threshold, far, fpir, source, warning } = decided
        return {
          ...{ threshold, far, fpir, source, warning },
          faces: fits.map(({ face, similarity }) => {
            const other = byFace.get(face)
            return {
              face,
              own: similarity === null ? null : { similarity },
              alike: other
                ? { person: other.other, face: other.otherFace, similarity: other.similarity }
                : null,
            }
          }),
        }
      },
    })
  }
