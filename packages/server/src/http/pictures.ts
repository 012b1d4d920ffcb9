import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { ServerConfig } from '../config/schema.js'
import { ServerError } from '../errors.js'

/** A photograph that came with a request: the bytes of its file, with the name that the client gave it. */
export type Picture = Uint8Array & { readonly name: string }

/** What a route takes: one photograph of each name, or several of the last. */
export interface PictureParts {
  readonly names: readonly [string, ...string[]]
  readonly many?: boolean
}

type Limits = ServerConfig['limits']

/** As file systems have it. */
const LONGEST_NAME = 255

/** What a client calls a file, as it is kept and told: its end, without what nobody sees or what turns a line around. */
export const fileName = (given: string): string =>
  [...given.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')].slice(-LONGEST_NAME).join('')

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/
const DATA_URL = /^data:[\w.+/-]*(;[\w.+=-]+)*,/i

/**
 * The photographs of a request's body: parts of a form, bytes of one, or base64 in JSON (`{"photo": "..."}`, several as
 * `{"photos": ["..."]}`).
 * @returns those of each name, in the order in which they came
 * @throws ServerError SERVER_REQUEST (one is missing, an unknown part, no base64), SERVER_TOO_LARGE, SERVER_TYPE
 */
export async function readPictures(
  request: FastifyRequest,
  parts: PictureParts,
  limits: Limits,
): Promise<Picture[][]> {
  const found = new Map<string, Picture[]>(parts.names.map((name) => [name, []]))
  let total = 0
  const add = (part: string, bytes: Uint8Array, name = part) => {
    checkPart(part, parts)
    const list = found.get(part)!
    if (list.length > 0 && !parts.many)
      throw new ServerError('SERVER_REQUEST', `${part}: one photograph, not several`)
    if (list.length >= limits.photos)
      throw new ServerError('SERVER_TOO_LARGE', `${part}: up to ${limits.photos} photographs`)
    if (bytes.length === 0)
      throw new ServerError('SERVER_REQUEST', `${part}: a photograph of 0 bytes`)
    if (bytes.length > limits.photoBytes) throw tooLarge(part, limits)
    total += bytes.length
    if (total > limits.bodyBytes)
      throw new ServerError(
        'SERVER_TOO_LARGE',
        `more than ${limits.bodyBytes} bytes of photographs`,
      )
    list.push(Object.assign(bytes, { name: fileName(name) || part }))
  }
  const { body } = request
  if (request.isMultipart()) await readForm(request, limits, add)
  else if (body instanceof Uint8Array) add(parts.names[0], body)
  else if (typeof body === 'object' && body !== null) readJson(body, parts, add)
  else
    throw new ServerError('SERVER_REQUEST', 'a photograph is missing', {
      hint: `Send a form with a part ${parts.names[0]}, the bytes of a photograph as image/jpeg, or JSON with base64.`,
    })
  for (const [name, list] of found)
    if (list.length === 0) throw new ServerError('SERVER_REQUEST', `${name} is missing`)
  return [...found.values()]
}

/** @throws ServerError SERVER_REQUEST */
function checkPart(part: string, { names }: PictureParts): void {
  if (names.includes(part)) return
  throw new ServerError(
    'SERVER_REQUEST',
    `a part ${JSON.stringify(part.slice(0, 60))} is not taken here, but ${names.join(', ')}`,
  )
}

async function readForm(
  request: FastifyRequest,
  limits: Limits,
  add: (part: string, bytes: Uint8Array, name?: string) => void,
): Promise<void> {
  const most = { fileSize: limits.photoBytes, files: limits.photos + 1, parts: limits.photos + 1 }
  // Base64 takes four bytes for three.
  const fieldSize = Math.ceil((limits.photoBytes * 4) / 3) + 100
  const all = request.parts({ limits: { ...most, fields: limits.photos, fieldSize } })
  try {
    for await (const part of all)
      if (part.type === 'file') add(part.fieldname, await bytesOf(part, limits), part.filename)
      else add(part.fieldname, decoded(part.fieldname, part.value))
  } catch (cause) {
    // What Busboy throws about a body that is no form, or only the beginning of one, has no code.
    if ((cause as { code?: unknown }).code !== undefined) throw cause
    const why = 'it is cut short, a part has no name, or its boundary is another'
    throw new ServerError('SERVER_REQUEST', `the form cannot be read: ${why}`, { cause })
  }
}

async function bytesOf(part: MultipartFile, limits: Limits): Promise<Uint8Array> {
  try {
    return await part.toBuffer()
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'FST_REQ_FILE_TOO_LARGE') throw cause
    throw tooLarge(part.fieldname, limits)
  }
}

const tooLarge = (part: string, { photoBytes }: Limits) =>
  new ServerError('SERVER_TOO_LARGE', `${part}: a photograph of more than ${photoBytes} bytes`)

function readJson(
  body: object,
  parts: PictureParts,
  add: (part: string, bytes: Uint8Array, name?: string) => void,
): void {
  const last = parts.names.at(-1)!
  for (const [key, value] of Object.entries(body))
    if (parts.many && key === `${last}s` && Array.isArray(value))
      for (const [i, one] of value.entries())
        add(last, decoded(`${key}.${i}`, one), `${last} ${i + 1}`)
    else {
      checkPart(key, parts)
      add(key, decoded(key, value))
    }
}

/** @throws ServerError SERVER_REQUEST */
function decoded(part: string, value: unknown): Uint8Array {
  const text =
    typeof value === 'string' ? value.replace(DATA_URL, '').replace(/\s+/g, '') : undefined
  if (text === undefined || !BASE64.test(text))
    throw new ServerError('SERVER_REQUEST', `${part}: a photograph's file in base64`)
  return Buffer.from(text, 'base64')
}
