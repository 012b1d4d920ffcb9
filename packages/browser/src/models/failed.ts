import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'
import { shown } from './address.js'

const AGAIN = 'Try it again; if it happens again, see the network and the server.'
/** So long the question may take why a download failed. */
const PROBE_MS = 5_000

export const failed = (
  address: string,
  why: string,
  options: ErrorOptions & { readonly hint: string },
): BrowserError =>
  new BrowserError('BROWSER_DOWNLOAD', `${shown(address)} cannot be loaded: ${why}`, options)

export const cutShort = (address: string, bytes: number, cause?: unknown): BrowserError =>
  failed(address, `it was cut short after ${bytes} bytes`, { hint: AGAIN, cause })

/** A page is not told why a request failed: whether another origin forbade the answer, a second request tells. */
export async function unreachable(
  address: string,
  cause: unknown,
  signal: AbortSignal,
): Promise<BrowserError> {
  if (signal.aborted)
    return failed(address, messageOf(signal.reason), { hint: AGAIN, cause: signal.reason })
  if (new URL(address).origin !== location.origin && (await answersOthers(address)))
    return failed(address, 'its server does not let pages of other origins read it (CORS)', {
      cause,
      hint: `Lay the file beside the page, or let its server send Access-Control-Allow-Origin: ${location.origin}`,
    })
  return failed(address, `no answer comes (${messageOf(cause)})`, {
    cause,
    hint: "See that the device is online, that the server runs, and that the page's Content-Security-Policy allows the address (connect-src).",
  })
}

const answersOthers = (address: string): Promise<boolean> =>
  fetch(address, {
    mode: 'no-cors',
    method: 'HEAD',
    signal: AbortSignal.timeout(PROBE_MS),
  }).then(
    () => true,
    () => false,
  )
