import { enrollPhoto } from '@arcface/gallery'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { BODY_BYTES, readSent } from './bodies.js'
import { placeOf } from './gallery.js'
import { minScore, notBlank, pageOf, parametersOf, subjectParameter } from './query.js'
import { ComprefaceRefusal } from './refusals.js'
import { both, idOf, isId, type WithId } from './routes.js'

/** Faces of people, and their pictures. */
export const faces = (app: App) => async (server: FastifyInstance) => {
  both(server, {
    method: 'POST',
    url: '/recognition/faces',
    config: { scope: 'enroll', work: 'photo' },
    bodyLimit: BODY_BYTES,
    handler: async (request, reply) => {
      const { pictures, parameters } = await readSent(request, ['file'])
      const subject = subjectParameter(parameters)
      note(request, { people: [subject] })
      const least = minScore(parameters)
      const [picture] = pictures
      const gallery = (await placeOf(app, request)).gallery!
      const person = (await gallery.spelling(subject)) ?? subject
      const { id } = await enrollPhoto(
        gallery,
        app.recognizer,
        picture!,
        { person, source: picture!.name },
        {
          faces: 'only',
          // CompreFace asks no more of a face that is added than of one that is looked for.
          purpose: 'recognition',
          minScore: least,
          thumbnails: app.config.thumbnails,
          signal: request.gone,
        },
      )
      return reply.code(201).send({ image_id: id, subject })
    },
  })

  both(server, {
    method: 'GET',
    url: '/recognition/faces',
    config: { scope: 'read' },
    handler: async (request) => {
      const parameters = parametersOf(request.url)
      const { page, size } = pageOf(parameters)
      const { gallery } = await placeOf(app, request)
      const subject = parameters.get('subject')
      const person = subject === undefined ? undefined : await gallery?.spelling(subject)
      const isNobodys = gallery === undefined || (subject !== undefined && person === undefined)
      const window = { offset: page * size, limit: size, ...(person !== undefined && { person }) }
      const found = isNobodys ? [] : await gallery.facesFrom(window)
      const { faces: total } = isNobodys
        ? { faces: 0 }
        : person === undefined
          ? await gallery.count()
          : await gallery.person(person)
      return {
        faces: found.map(({ id, person: name }) => ({ image_id: id, subject: name })),
        page_number: page,
        page_size: size,
        total_pages: Math.ceil(total / size),
        total_elements: total,
      }
    },
  })

  both(server, {
    method: 'DELETE',
    url: '/recognition/faces',
    config: { scope: 'delete' },
    handler: async (request) => {
      const subject = parametersOf(request.url).get('subject')
      const { gallery } = await placeOf(app, request)
      if (subject === undefined) {
        const people = (await gallery?.people()) ?? []
        if (people.length > 0) await gallery!.delete(people.map(({ name }) => name))
        return { deleted: people.reduce((sum, one) => sum + one.faces, 0) }
      }
      const person = await gallery?.spelling(notBlank(subject))
      if (person === undefined) return { deleted: 0 }
      const { faces: deleted } = await gallery!.person(person)
      await gallery!.delete([person])
      return { deleted }
    },
  })

  server.route<WithId>({
    method: 'DELETE',
    url: '/recognition/faces/:id',
    config: { scope: 'delete' },
    handler: async (request) => {
      const id = idOf(request.params)
      const { gallery } = await placeOf(app, request)
      const [face] = (await gallery?.facesOf([id])) ?? []
      if (face === undefined || (await gallery!.deleteFaces([id])) === 0)
        throw new ComprefaceRefusal('image', id)
      return { image_id: id, subject: face.person }
    },
  })

  both(server, {
    method: 'POST',
    url: '/recognition/faces/delete',
    config: { scope: 'delete' },
    handler: async (request) => {
      const { body } = request
      if (!(Array.isArray(body) && body.every(isId)))
        throw new ComprefaceRefusal('other', '', { detail: 'the body is no list of image_ids' })
      const { gallery } = await placeOf(app, request)
      const found = (await gallery?.facesOf(body)) ?? []
      if (found.length > 0) await gallery!.deleteFaces(found.map(({ id }) => id))
      return found.map(({ id, person }) => ({ image_id: id, subject: person }))
    },
  })

  const image = async (request: FastifyRequest<WithId>, reply: FastifyReply) => {
    const { gallery } = await placeOf(app, request)
    const id = idOf(request.params)
    const picture = (await gallery?.thumbnails([id]))?.get(id)
    return reply.type('application/octet-stream').send(Buffer.from(picture ?? []))
  }
  server.route<WithId>({
    ...{ method: 'GET', url: '/recognition/faces/:id/img', handler: image },
    config: { scope: 'read' },
  })
  server.route<WithId>({
    ...{ method: 'GET', url: '/static/:key/images/:id', handler: image },
    config: { scope: 'read', keyOf: keyInPath },
  })
}

const keyInPath = ({ params }: FastifyRequest) => (params as { key: string }).key
