import { BrowserError } from '../errors.js'

/** As packs write it: `sha256:` or `sha512:` and hexadecimal digits. */
export type Checksum = string

const NAMES = { sha256: 'SHA-256', sha512: 'SHA-512' } as const

/** Hexadecimal. */
export async function digestOf(
  bytes: Uint8Array<ArrayBuffer>,
  algorithm: keyof typeof NAMES,
): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest(NAMES[algorithm], bytes))
  return [...sum].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Whether a file is the expected one.
 * @param sha256 its own, where it is already known
 * @throws BrowserError BROWSER_CHECKSUM
 */
export async function verify(
  bytes: Uint8Array<ArrayBuffer>,
  checksum: Checksum,
  { name, sha256 }: { readonly name: string; readonly sha256: string },
): Promise<void> {
  const [algorithm, expected] = checksum.split(':') as [keyof typeof NAMES, string]
  const found = algorithm === 'sha256' ? sha256 : await digestOf(bytes, algorithm)
  if (found === expected) return
  throw new BrowserError(
    'BROWSER_CHECKSUM',
    `${name} is another file than expected: its ${algorithm} is ${short(found)} (${bytes.length} bytes), not ${short(expected)}`,
    { hint: 'Lay the right file there; or, if this one is right, correct the checksum.' },
  )
}

/** @throws BrowserError BROWSER_INSECURE */
export function checkSecure(): void {
  if (globalThis.crypto?.subtle) return
  throw new BrowserError(
    'BROWSER_INSECURE',
    'this page is no secure context: the browser lets it neither check models nor keep them, nor use a camera',
    { hint: 'Serve it over https://, or from localhost.' },
  )
}

const short = (digits: string) => `${digits.slice(0, 16)}...`
