import { messageOf } from '@arcface/files'
import { GalleryError } from '../errors.js'
import { isOvertaken, isWithoutTable } from './contention.js'

const REFUSED =
  /\b(401|403)\b|AccessDenied|Forbidden|Unauthorized|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|AuthenticationFailed|credential|no such (role|identity)/i
const AWAY =
  /error sending request|builder error|connection|timed? ?out|timeout|dns error|after \d+ retries|\b(429|500|502|503|504)\b|SlowDown/i

/**
 * What an object storage's refusal is here, in words of this room: LanceDB's repeat addresses, which may be signed.
 * @param cause of LanceDB
 */
export function remoteTroubleOf(where: string, cause: unknown): GalleryError {
  const message = messageOf(cause)
  const trouble = (code: GalleryError['code'], text: string, hint?: string) =>
    new GalleryError(code, `${where}: ${text}`, { hint })
  if (isOvertaken(cause))
    return trouble('GALLERY_LOCKED', 'others write all the time; what was asked for was not done')
  if (isWithoutTable(cause)) return trouble('GALLERY_MISSING', 'no gallery lies there any more')
  if (/NoSuchBucket|ContainerNotFound|bucket does not exist/i.test(message))
    return trouble(
      'GALLERY_STORE',
      'the store has no such bucket',
      'Make it first: the server does not.',
    )
  if (REFUSED.test(message))
    return trouble(
      'GALLERY_ACCESS',
      'the store refuses who asks',
      'Check key, secret and region, in the environment or in the options of `storage`, and what they may do.',
    )
  if (/not found|404/i.test(message))
    return trouble(
      'GALLERY_DAMAGED',
      'an object of it is gone',
      '`checkGallery` says what is readable, and `exportReadable` saves that.',
    )
  if (AWAY.test(message))
    return trouble(
      'GALLERY_STORE',
      'the store cannot be reached, or answers with errors of its own',
      'Check `endpoint` and `region`; without TLS also `allow_http`.',
    )
  const [kind = 'unknown'] = /^(lance error: )?[\w ()]{0,40}/.exec(message) ?? []
  return trouble('GALLERY_STORE', `LanceDB failed (${kind.trim()})`)
}
