import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { FilesError } from './errors.js'
import { streamRegular } from './read/regular.js'

/** Hexadecimal digest of a file. */
export async function digestOf(path: string, algorithm: 'sha256' | 'sha512'): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(streamRegular(path), hash)
  return hash.digest('hex')
}

/** @throws FilesError FILES_CHECKSUM if a file is not what `expected` (`sha512:...`) says */
export async function verify(path: string, expected: string, name: string): Promise<void> {
  const [algorithm, digest] = expected.split(':') as ['sha256' | 'sha512', string]
  const found = await digestOf(path, algorithm)
  if (found !== digest)
    throw new FilesError(
      'FILES_CHECKSUM',
      `${name} is not the file that the pack names: its ${algorithm} is ${found}, not ${digest}. It was changed or damaged on the way; try again or take another source.`,
    )
}
