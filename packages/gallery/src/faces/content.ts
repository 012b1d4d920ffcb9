import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { digestOf } from '@arcface/files'

/** sha-256 of nothing. */
const EMPTY = createHash('sha256').digest('hex')

/**
 * What tells whether a photograph is there already: sha-256 of its file or bytes, hexadecimal. Undefined for an empty
 * file, which is no content to go by, and for what is neither a file nor bytes.
 * @throws what the file system throws
 */
export async function photoHash(source: unknown): Promise<string | undefined> {
  const digest =
    source instanceof Uint8Array
      ? createHash('sha256').update(source).digest('hex')
      : typeof source === 'string' && statSync(source, { throwIfNoEntry: false })?.isFile()
        ? await digestOf(source, 'sha256')
        : undefined
  return digest === EMPTY ? undefined : digest
}
