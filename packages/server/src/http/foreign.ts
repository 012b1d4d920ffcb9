import { STATUS_CODES } from 'node:http'
import { type ServerErrorCode, serverErrors } from '../errors.js'

type Refusal = readonly [code: ServerErrorCode, detail: string]

/** What Fastify, its plugins and Node refuse, by their codes. */
const FOREIGN: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['SERVER_TOO_LARGE', 'the body is larger than is taken here'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['SERVER_REQUEST', 'the body is not as long as it says'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['SERVER_TYPE', 'bodies of this type are not taken here'],
  FST_ERR_CTP_EMPTY_TYPE: ['SERVER_TYPE', 'content-type is missing'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['SERVER_REQUEST', 'the body is no JSON, or has __proto__'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['SERVER_REQUEST', 'the body is empty'],
  FST_REQ_FILE_TOO_LARGE: ['SERVER_TOO_LARGE', 'a part is larger than is taken here'],
  FST_FILES_LIMIT: ['SERVER_TOO_LARGE', 'the form has more files than are taken here'],
  FST_PARTS_LIMIT: ['SERVER_TOO_LARGE', 'the form has more parts than are taken here'],
  FST_FIELDS_LIMIT: ['SERVER_TOO_LARGE', 'the form has more fields than are taken here'],
  FST_ERR_BAD_URL: ['SERVER_REQUEST', 'the address is not percent-encoded UTF-8'],
  FST_ERR_MAX_PARAM_LENGTH: ['SERVER_TOO_LARGE', 'a part of the address is too long'],
  HPE_HEADER_OVERFLOW: ['SERVER_TOO_LARGE', 'the headers are larger than is taken'],
  ERR_HTTP_REQUEST_TIMEOUT: ['SERVER_TIMEOUT', 'the headers did not arrive in time'],
}

/** By the status, of those that the table does not name. */
const BY_STATUS: Readonly<Record<number, ServerErrorCode>> = Object.fromEntries(
  Object.entries(serverErrors)
    .reverse()
    .map(([code, { status }]) => [status, code as ServerErrorCode]),
)
/** Of a file outside of those that are served: nobody but the keys knows of scopes. */
const FORBIDDEN: Refusal = ['SERVER_ROUTE', 'nothing lies there']

/** The code of an error that is none of ours and what is told, `undefined` for what nobody foresaw. */
export function refusalOfForeign(error: {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly message?: unknown
}): Refusal | undefined {
  const known = FOREIGN[String(error.code)]
  if (known !== undefined) return known
  // llhttp's: Node's own parser of requests.
  if (String(error.code).startsWith('HPE_')) return ['SERVER_REQUEST', 'this is no HTTP/1.1']
  const { statusCode } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined
  if (statusCode === 403) return FORBIDDEN
  if (STATUS_CODES[statusCode] === undefined) return undefined
  return [BY_STATUS[statusCode] ?? 'SERVER_REQUEST', String(error.message)]
}
