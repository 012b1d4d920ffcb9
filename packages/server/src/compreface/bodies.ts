import type { Multipart } from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { textOf } from '../http/parsers.js'
import { fileName, type Picture } from '../http/pictures.js'
import { type Parameters, parametersOf } from './query.js'
import { ComprefaceRefusal } from './refusals.js'

/** As CompreFace is delivered, and as its clients read it from /config. */
export const FILE_BYTES = 5 * 2 ** 20
export const BODY_BYTES = 10 * 2 ** 20

/** Endings of a file's name, whatever is in it; ours read more, and of ico nothing. */
const ENDINGS = /\.(?:tiff?|jpe?g|png|bmp|ico|gif|webp)$/i
/** As Apache's codec has it: of both alphabets, with white space anywhere. */
const BASE64 = /^[A-Za-z0-9+/_=\s-]*$/

/** JSON as it comes: what it means is each route's. A client that names the type and sends nothing is asked for nothing. */
export function readJsonLeniently(server: FastifyInstance): void {
  server.removeContentTypeParser('application/json')
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_: unknown, body: Buffer) => {
      const text = textOf(body)
      if (text.trim() === '') return undefined
      try {
        return JSON.parse(text) as unknown
      } catch (cause) {
        throw new ComprefaceRefusal('other', '', { cause, detail: 'the body is no JSON' })
      }
    },
  )
}

/** A field of a JSON body that is an object, and its own. */
export const fieldOf = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined

export interface Sent {
  /** One for each part asked for, in their order. */
  readonly pictures: Picture[]
  /** Of the address; what it lacks is taken from a form's fields. */
  readonly parameters: Parameters
}

/**
 * The photographs of a request, as files of a form or base64 of the same names in JSON, and its parameters.
 * @throws ComprefaceRefusal: one is missing (34 of a form, 5 of JSON), its name ends otherwise or it is no base64 (21),
 *   too large or neither a form nor JSON (0)
 */
export async function readSent(request: FastifyRequest, parts: readonly string[]): Promise<Sent> {
  const parameters = parametersOf(request.url)
  const { body } = request
  const pictures = request.isMultipart()
    ? await filesOf(request, parts, parameters)
    : parts.map((part) => ofBase64(part, fieldOf(body, part), body))
  return { pictures, parameters }
}

async function filesOf(
  request: FastifyRequest,
  names: readonly string[],
  parameters: Map<string, string>,
): Promise<Picture[]> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES)
    throw tooLarge('the body', BODY_BYTES)
  const found = new Map<string, Picture>()
  let total = 0
  for await (const part of partsOf(request)) {
    if (part.type === 'field') {
      if (typeof part.value === 'string' && !parameters.has(part.fieldname))
        parameters.set(part.fieldname, part.value)
      continue
    }
    const bytes = await part.toBuffer().catch(ofFile)
    total += bytes.length
    if (total > BODY_BYTES) throw tooLarge('the body', BODY_BYTES)
    if (names.includes(part.fieldname) && !found.has(part.fieldname))
      found.set(part.fieldname, Object.assign(bytes, { name: fileName(part.filename ?? '') }))
  }
  return names.map((name) => {
    const file = found.get(name)
    if (file === undefined) throw new ComprefaceRefusal('part', name)
    if (!ENDINGS.test(file.name)) throw new ComprefaceRefusal('extension', file.name)
    return file
  })
}

async function* partsOf(request: FastifyRequest): AsyncGenerator<Multipart> {
  const limits = { fileSize: FILE_BYTES, files: 10, fields: 50, parts: 60, fieldSize: 10_000 }
  try {
    yield* request.parts({ limits })
  } catch (cause) {
    ofFile(cause)
  }
}

/** Told by the file or by what gives the parts, whichever is asked first. */
function ofFile(cause: unknown): never {
  if ((cause as { code?: string }).code !== 'FST_REQ_FILE_TOO_LARGE') throw cause
  throw tooLarge('a file', FILE_BYTES)
}

const tooLarge = (what: string, most: number) =>
  new ComprefaceRefusal('other', '', { detail: `${what} has more than ${most} bytes` })

function ofBase64(part: string, value: unknown, body: unknown): Picture {
  if (typeof body !== 'object' || body === null || body instanceof Uint8Array)
    throw new ComprefaceRefusal('other', '', {
      detail: `send a form with a file ${part}, or JSON with base64`,
    })
  if (value === undefined || value === null) throw new ComprefaceRefusal('emptyField', part)
  if (typeof value !== 'string' || !BASE64.test(value)) throw new ComprefaceRefusal('base64')
  return Object.assign(Buffer.from(value, 'base64'), { name: part })
}
