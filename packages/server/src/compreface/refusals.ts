import type { FastifyReply, FastifyRequest } from 'fastify'
import { problemOf } from '../http/problem.js'
import { isFault, tellWhen } from '../http/refusals.js'

/** CompreFace's refusals by their codes: the status, and what its clients read. */
export const comprefaceErrors = {
  other: { code: 0, status: 400, message: 'Something went wrong, please try again' },
  route: { code: 0, status: 404, message: 'Nothing lies there, or it does not take this method' },
  emptyField: { code: 5, status: 400, message: 'Field %s cannot be empty' },
  key: { code: 10, status: 404, message: 'Recognition service with API Key %s not found' },
  header: { code: 20, status: 400, message: 'Missing header: x-api-key' },
  extension: { code: 21, status: 400, message: 'File [%s] has an unavailable extension' },
  base64: { code: 21, status: 400, message: 'Provided value is not Base64' },
  keyFormat: { code: 26, status: 400, message: 'Service API key should be UUID' },
  constraint: { code: 26, status: 400, message: '%s' },
  noFace: { code: 28, status: 400, message: 'No face is found in the given image' },
  manyFaces: { code: 31, status: 400, message: 'More than one face in the source image' },
  parameter: { code: 33, status: 400, message: 'Required parameter %s is missing' },
  part: { code: 34, status: 400, message: 'Required part %s is missing' },
  path: { code: 35, status: 400, message: 'Required path variable %s is missing' },
  characters: { code: 36, status: 400, message: '%s' },
  embeddings: { code: 37, status: 400, message: '%s' },
  failed: { code: 41, status: 500, message: '%s' },
  subject: { code: 42, status: 404, message: 'Subject %s not found' },
  subjectExists: { code: 43, status: 400, message: 'Subject already exists' },
  image: { code: 44, status: 404, message: 'Image %s not found' },
} as const satisfies Record<string, { code: number; status: number; message: string }>

export type ComprefaceErrorName = keyof typeof comprefaceErrors

/** What of the client's own is repeated to it. */
const REPEATED = 100

/** A refusal in CompreFace's words. */
export class ComprefaceRefusal extends Error {
  override readonly name = 'ComprefaceRefusal'
  readonly code: number
  readonly status: number
  /** What CompreFace does not say: which of the many things that it means. */
  readonly detail: string | undefined

  /** @param about in place of the message's %s */
  constructor(
    name: ComprefaceErrorName,
    about = '',
    { detail, ...options }: ErrorOptions & { readonly detail?: string | undefined } = {},
  ) {
    const { code, status, message } = comprefaceErrors[name]
    super(
      message.replace('%s', () => about.slice(0, REPEATED)),
      options,
    )
    this.code = code
    this.status = status
    this.detail = detail
  }
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** As CompreFace takes it: of a header that comes twice the first. */
export function keyOf(request: FastifyRequest): string | undefined {
  const { keyOf: ofRoute } = request.routeOptions.config
  return ofRoute ? ofRoute(request) : [request.headers['x-api-key']].flat()[0]
}

/** Why a key does not do. Of one that is none nothing is repeated, and of any only what is no secret. */
export function keyRefusal(key: string | undefined): ComprefaceRefusal {
  if (key === undefined) return new ComprefaceRefusal('header')
  if (!UUID.test(key)) return new ComprefaceRefusal('keyFormat')
  return new ComprefaceRefusal('key', `${key.slice(0, 8)}...`)
}

/** Of the codes of our rooms those that CompreFace has a word for. */
const OURS: Readonly<Record<string, ComprefaceErrorName>> = {
  SERVER_ROUTE: 'route',
  SERVER_METHOD: 'route',
  VISION_NO_FACE: 'noFace',
  VISION_POOR_FACE: 'noFace',
  RECOGNIZE_PHOTO: 'noFace',
  VISION_MANY_FACES: 'manyFaces',
  GALLERY_PERSON: 'subject',
  GALLERY_PERSON_EXISTS: 'subjectExists',
  GALLERY_NAME: 'characters',
  GALLERY_FACE: 'image',
}

/** Of the galleries: nothing that a client could mend. */
const FAILED = new Set(['GALLERY_MODEL', 'GALLERY_FORMAT'])

/** What may pass: the client is told when to come again. */
const TRANSIENT = new Set([408, 429, 503, 507])

/** Any error as CompreFace would answer it. What may pass keeps its status: nothing of CompreFace's tells it. */
export function refusalOf(error: unknown, request: FastifyRequest): ComprefaceRefusal {
  if (error instanceof ComprefaceRefusal) return error
  const { code, detail, status } = problemOf(error)
  if (code === 'SERVER_KEY' || code === 'SERVER_SCOPE') return keyRefusal(keyOf(request))
  const named = OURS[code]
  if (named !== undefined)
    return new ComprefaceRefusal(named, named === 'characters' ? detail : '', {
      cause: error,
      // Messages of a gallery name where it lies.
      detail: code.startsWith('GALLERY_') ? undefined : detail,
    })
  if (FAILED.has(code)) return new ComprefaceRefusal('failed', detail, { cause: error })
  if (TRANSIENT.has(status) || (status >= 500 && code !== 'SERVER_INTERNAL')) {
    const refusal = new ComprefaceRefusal('failed', detail, { cause: error })
    return Object.assign(refusal, { status })
  }
  return new ComprefaceRefusal('other', '', {
    cause: error,
    detail: code === 'SERVER_INTERNAL' ? undefined : detail,
  })
}

/** Answers as CompreFace does, and says beside it what it meant. */
export function answerRefusal(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { message, code, status, detail, cause } = refusalOf(error, request)
  if (
    isFault(error, status, request) ||
    (code === 0 && detail === undefined && cause !== undefined)
  )
    request.log.error({ err: error, code }, message)
  tellWhen(error, status, reply)
  return reply
    .code(status)
    .type('application/json')
    .send(JSON.stringify({ message, code, ...(detail !== undefined && { detail }) }))
}
