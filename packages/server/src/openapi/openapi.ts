import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import plugin from 'fastify-plugin'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { PictureParts } from '../http/pictures.js'
import { bodyOf, fileBody } from './bodies.js'
import { tidyComponents } from './components.js'

declare module 'fastify' {
  interface FastifySchema {
    /** The body has photographs, in any of the forms that `readPictures` takes. */
    pictures?: PictureParts
    /** The body is a file of one of these types. */
    file?: readonly string[]
  }
}

const DESCRIPTION = `Photographs go into the body, options into the query. A body is a form (\`multipart/form-data\`), the
bytes of one photograph (\`image/jpeg\`, \`application/octet-stream\`) or JSON with base64. Every verdict names its
\`threshold\` and the error rate that it stands for; every refusal is a problem document (RFC 9457) with a \`code\`.`

/** What operations are about, in the order in which the pages show them. */
const TAGS = {
  photographs: 'Faces, and whether two are the same person; nothing is kept',
  recognition: 'Who somebody is, among the people of a gallery',
  galleries: 'People of one model, by a name',
  people: 'Their names, groups, metadata and consent; enrolment',
  faces: 'Of people, each with an id',
  jobs: 'Long work: its progress and what it comes to',
  workspace: 'The folder that the studio works in',
  runs: 'What trainings have written, and write',
  tasks: 'Commands of arcface as processes of their own, in the workspace',
  model: 'What embeddings come from, and at which thresholds faces are the same',
  operation: 'For who runs the server',
}

/** Of the pages: nothing but what the server itself gives. Swagger UI writes styles into its elements. */
const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
}

/** OpenAPI 3.1 at /docs/json, and as pages at /docs. */
export const openApi = plugin(async (server: FastifyInstance) => {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'ArcFace', version: '1', description: DESCRIPTION },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
          bearer: { type: 'http', scheme: 'bearer' },
        },
      },
    },
    transform: (document) => {
      const { schema, url } = jsonSchemaTransform(document as never)
      const { scope = 'public' } = document.route.config ?? {}
      const security = scope === 'public' ? [] : [{ key: [scope] }, { bearer: [scope] }]
      const { pictures, file, ...rest } = (schema ?? {}) as FastifySchema
      const body = pictures ? bodyOf(pictures) : file && fileBody(file)
      return { url, schema: { ...rest, security, ...(body && { body }) } } as never
    },
    transformObject: (document) => {
      const whole: object = jsonSchemaTransformObject(document as never)
      return tidyComponents(whole) as never
    },
  })
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: POLICY,
    theme: {
      title: 'ArcFace: the API',
      css: [{ filename: 'own.css', content: '.swagger-ui .topbar { display: none }' }],
    },
    uiConfig: { docExpansion: 'list', tryItOutEnabled: false, validatorUrl: null as never },
  })
})
