import { type Gallery, isWithoutFace, newFace, normalName } from '@arcface/gallery'
import { type EmbedOneOptions, type NewFace, searchThreshold } from '@arcface/vision'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { ServerError } from '../errors.js'
import { type Picture, readPictures } from '../http/pictures.js'
import { type Problem, problemOf, problemSchema } from '../http/problem.js'
import { allow, principalOf, whoseOf } from '../keys/principal.js'
import { checkAddressable, galleryOfModel, personParams } from './gallery.js'
import { givenKeeping, keepingOf, keepingQueried, queriedKeeping } from './keeping.js'
import {
  embeddingsBody,
  flag,
  list,
  oneFaceQuery,
  problems,
  repeatable,
  similarity,
} from './schemas.js'

const tags = ['people']

const enrolled = z
  .object({
    name: z.string().describe('Of the photograph'),
    id: z.string().optional(),
    added: z.boolean().optional().describe('false: the face was there already'),
    alike: z
      .object({ person: z.string(), face: z.string(), similarity })
      .nullable()
      .optional()
      .describe('Somebody else whom the face resembles: perhaps it is enrolled under a wrong name'),
    problem: problemSchema.optional().describe('It shows no face, or none that can be recognised'),
  })
  .meta({ id: 'Enrolled' })

const pictures = { names: ['photo'], many: true } as const

/** Faces of people by their photographs, or by embeddings. */
export const enroll =
  (app: App): FastifyPluginAsyncZod =>
  async (server) => {
    const { config, once } = app

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/:person/faces',
      config: { scope: 'enroll', work: 'photo' },
      schema: {
        tags,
        summary: 'Enrol a person by photographs: a face of each',
        params: personParams,
        headers: repeatable,
        querystring: oneFaceQuery.extend({
          flip: flag,
          group: list.describe('Of a person who is not there yet, as consent and retention'),
          ...queriedKeeping,
          id: z.string().optional().describe('Of the face, where there is one photograph'),
          alike: flag.describe('Tell whether somebody else is like it: for keys that may identify'),
        }),
        pictures,
        response: { 201: z.object({ person: z.string(), faces: z.array(enrolled) }), ...problems },
      },
      handler: async (request, reply) => {
        const { person, gallery: name } = request.params
        checkAddressable(person)
        const { group: groups, id, alike, faces, flip, small, minScore } = request.query
        const options = { faces, flip, small, minScore }
        const kept = keepingQueried(request.query)
        // Who is alike is told by name.
        if (alike) allow(principalOf(request), 'identify')
        const gallery = await galleryOfModel(app, name)
        const [photos = []] = await readPictures(request, pictures, config.limits)
        if (id !== undefined && photos.length > 1)
          throw new ServerError('SERVER_REQUEST', 'id: of one photograph, not of several')
        const answer = await once.run(request, whoseOf(request), photos, async () => {
          const whom = { person, groups, ...kept, ...(id !== undefined && { id }) }
          const signal = request.gone
          const found = await facesOf(app, photos, whom, { ...options, signal })
          app.metrics.found(found.length)
          signal.throwIfAborted()
          return { person: normalName(person), faces: await added(app, gallery, found, alike) }
        })
        const others = answer.faces.flatMap((one) => one.alike?.person ?? [])
        if (others.length > 0) note(request, { people: [answer.person, ...others] })
        return reply.code(201).send(answer)
      },
    })

    server.route({
      method: 'POST',
      url: '/galleries/:gallery/people/:person/embeddings',
      config: { scope: 'enroll' },
      schema: {
        tags,
        summary: "Enrol a person by embeddings of this server's model",
        params: personParams,
        headers: repeatable,
        body: embeddingsBody(config).extend({
          ids: z.array(z.string()).optional().describe('Of the faces; default: new ones'),
          groups: z.array(z.string()).max(1000).default([]),
          ...givenKeeping,
        }),
        response: {
          201: z.object({
            person: z.string(),
            faces: z.array(z.object({ id: z.string(), added: z.boolean() })),
          }),
          ...problems,
        },
      },
      handler: async (request, reply) => {
        const { person, gallery: name } = request.params
        checkAddressable(person)
        const gallery = await galleryOfModel(app, name)
        const { groups, embeddings, ids } = request.body
        const kept = keepingOf(request.body)
        if (ids !== undefined && ids.length !== embeddings.length)
          throw new ServerError('SERVER_REQUEST', 'ids: one for each embedding')
        const answer = await once.run(
          request,
          whoseOf(request),
          [JSON.stringify(request.body)],
          async () => {
            const faces = await gallery.add(
              embeddings.map((one, i) => ({
                ...{ person, groups, ...kept, embedding: Float32Array.from(one) },
                ...(ids && { id: ids[i]! }),
              })),
            )
            return {
              person: normalName(person),
              faces: faces.map(({ id, added }) => ({ id, added })),
            }
          },
        )
        return reply.code(201).send(answer)
      },
    })
  }

/** What a photograph came to: a face to be added, or why there is none. */
type Found = { readonly name: string } & (
  | { readonly face: NewFace }
  | { readonly problem: Problem }
)

/** Of several photographs one without a face keeps nobody from the others; the only one fails. */
async function facesOf(
  { recognizer, config: { thumbnails } }: App,
  photos: readonly Picture[],
  whom: Omit<NewFace, 'embedding'>,
  options: EmbedOneOptions,
): Promise<Found[]> {
  return Promise.all(
    photos.map(async (photo) => {
      const { name } = photo
      try {
        const face = { ...whom, source: name }
        return { name, face: await newFace(recognizer, photo, face, { ...options, thumbnails }) }
      } catch (error) {
        if (photos.length === 1 || !isWithoutFace(error)) throw error
        return { name, problem: problemOf(error) }
      }
    }),
  )
}

/** Adds them in one commit. @param alike whether to look for others who resemble them */
async function added(
  { recognizer }: App,
  gallery: Gallery,
  found: readonly Found[],
  alike: boolean,
): Promise<z.output<typeof enrolled>[]> {
  const results = await gallery.add(found.flatMap((one) => ('face' in one ? [one.face] : [])))
  const fresh = results.filter((one) => one.added).map(({ id }) => id)
  const others = alike ? await gallery.alike(fresh, searchThreshold(recognizer.thresholds)) : []
  const next = results.values()
  return found.map((one) => {
    const { name } = one
    if ('problem' in one) return { name, problem: one.problem }
    const { id, added } = next.next().value!
    const other = others.find(({ face }) => face === id)
    const told = other
      ? { person: other.other, face: other.otherFace, similarity: other.similarity }
      : null
    return { name, id, added, ...(alike && { alike: told }) }
  })
}
