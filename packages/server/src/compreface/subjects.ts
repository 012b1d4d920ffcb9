import type { Gallery } from '@arcface/gallery'
import type { FastifyInstance } from 'fastify'
import type { App } from '../app/app.js'
import { note } from '../audit/note.js'
import { allow, principalOf } from '../keys/principal.js'
import { fieldOf } from './bodies.js'
import { placeOf } from './gallery.js'
import { ComprefaceRefusal } from './refusals.js'
import { both } from './routes.js'

const LONGEST = 50
const FORBIDDEN = /[;/\\]/

/** A name that a body gives to a subject. @throws ComprefaceRefusal: blank or too long (26), of wrong characters (36) */
function subjectOf(body: unknown): string {
  const value = fieldOf(body, 'subject')
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body)))
    throw new ComprefaceRefusal('other', '', { detail: 'the body is no object' })
  // As Jackson reads what is no text, but could be.
  const subject = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : ''
  if (subject.trim() === '')
    throw new ComprefaceRefusal('constraint', 'Subject name cannot be empty')
  if (subject.length > LONGEST)
    throw new ComprefaceRefusal('constraint', `Subject name size must be between 1 and ${LONGEST}`)
  if (FORBIDDEN.test(subject))
    throw new ComprefaceRefusal(
      'characters',
      "The name cannot contain the following special characters: ';', '/', '\\'",
    )
  return subject
}

/** How a subject is written here. @throws ComprefaceRefusal: nobody is (42) */
async function spelled(gallery: Gallery | undefined, subject: string): Promise<string> {
  const name = await gallery?.spelling(subject)
  if (name === undefined) throw new ComprefaceRefusal('subject', subject)
  return name
}

interface Named {
  Params: { readonly subject: string }
}

/** People, by name. */
export const subjects = (app: App) => async (server: FastifyInstance) => {
  both(server, {
    method: 'POST',
    url: '/recognition/subjects',
    config: { scope: 'enroll' },
    handler: async (request, reply) => {
      const subject = subjectOf(request.body)
      note(request, { people: [subject] })
      const gallery = (await placeOf(app, request)).gallery!
      if ((await gallery.spelling(subject)) !== undefined)
        throw new ComprefaceRefusal('subjectExists')
      if ((await gallery.addPeople([{ name: subject }])) === 0)
        throw new ComprefaceRefusal('subjectExists')
      return reply.code(201).send({ subject })
    },
  })

  both(server, {
    method: 'GET',
    url: '/recognition/subjects',
    config: { scope: 'read' },
    handler: async (request) => {
      const people = (await (await placeOf(app, request)).gallery?.people()) ?? []
      return { subjects: people.map(({ name }) => name) }
    },
  })

  server.route<Named>({
    method: 'PUT',
    url: '/recognition/subjects/:subject',
    config: { scope: 'enroll' },
    handler: async (request) => {
      const old = pathSubject(request.params)
      const wanted = subjectOf(request.body)
      note(request, { people: [wanted] })
      if (old === wanted) return { updated: false }
      const { gallery } = await placeOf(app, request)
      const name = await spelled(gallery, old)
      const there = await gallery!.spelling(wanted)
      if (there === undefined || there === name) {
        if (name !== wanted.normalize('NFC').trim()) await gallery!.rename(name, wanted)
      } else {
        // One of the two is nobody then, as where people are merged by our own API.
        allow(principalOf(request), 'delete')
        await gallery!.merge(name, there)
      }
      return { updated: true }
    },
  })

  server.route<Named>({
    method: 'DELETE',
    url: '/recognition/subjects/:subject',
    config: { scope: 'delete' },
    handler: async (request) => {
      const { gallery } = await placeOf(app, request)
      const subject = await spelled(gallery, pathSubject(request.params))
      await gallery!.delete([subject])
      return { subject }
    },
  })

  server.route({
    method: 'DELETE',
    url: '/recognition/subjects',
    config: { scope: 'delete' },
    handler: async (request) => {
      const { gallery } = await placeOf(app, request)
      const names = ((await gallery?.people()) ?? []).map(({ name }) => name)
      if (names.length > 0) await gallery!.delete(names)
      return { deleted: names.length }
    },
  })
}

/** Empty behind a last slash, where CompreFace would take it for everybody. */
function pathSubject({ subject }: Named['Params']): string {
  if (subject.trim() === '') throw new ComprefaceRefusal('path', 'subject')
  return subject
}
