import { STATUS_CODES } from 'node:http'
import { type ServerErrorCode, serverErrors } from '../errors.js'

/** What Fastify, its plugins and Node refuse, by their codes. */
const FOREIGN: Readonly<Record<string, ServerErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'SERVER_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'SERVER_TYPE',
  FST_ERR_CTP_EMPTY_TYPE: 'SERVER_TYPE',
  FST_REQ_FILE_TOO_LARGE: 'SERVER_TOO_LARGE',
  FST_FILES_LIMIT: 'SERVER_TOO_LARGE',
  FST_PARTS_LIMIT: 'SERVER_TOO_LARGE',
  FST_FIELDS_LIMIT: 'SERVER_TOO_LARGE',
  FST_ERR_BAD_URL: 'SERVER_REQUEST',
  FST_ERR_MAX_PARAM_LENGTH: 'SERVER_TOO_LARGE',
  HPE_HEADER_OVERFLOW: 'SERVER_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'SERVER_TIMEOUT',
}

/** By the status, of those that the table does not name. */
const BY_STATUS: Readonly<Record<number, ServerErrorCode>> = Object.fromEntries(
  Object.entries(serverErrors)
    .reverse()
    .map(([code, { status }]) => [status, code as ServerErrorCode]),
)

/** The code of an error that is none of ours, `undefined` for what nobody foresaw. */
export function codeOfForeign(error: {
  readonly code?: unknown
  readonly statusCode?: unknown
  readonly validation?: unknown
}): ServerErrorCode | undefined {
  const known = FOREIGN[String(error.code)]
  if (known !== undefined) return known
  const { statusCode } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode >= 500) return undefined
  return STATUS_CODES[statusCode] === undefined
    ? undefined
    : (BY_STATUS[statusCode] ?? 'SERVER_REQUEST')
}
