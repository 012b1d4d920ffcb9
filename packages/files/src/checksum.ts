import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { FilesError } from './errors.js'
import { InputFile } from './read/read.js'
import { streamRegular } from './read/regular.js'

export type Algorithm = 'sha256' | 'sha512'

/** Hexadecimal digest of a file. Errors as `streamRegular`. */
export async function digestOf(path: string, algorithm: Algorithm): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(streamRegular(path), hash)
  return hash.digest('hex')
}

const CHUNK = 2 ** 22

/** The same, for threads that may be held up. @throws FilesError FILES_READ */
export function digestOfSync(path: string, algorithm: Algorithm): string {
  using file = new InputFile(path)
  const hash = createHash(algorithm)
  for (let at = 0; at < file.size; at += CHUNK) hash.update(file.read(at, CHUNK))
  return hash.digest('hex')
}

/** @throws FilesError FILES_CHECKSUM if a file is not what `expected` (`sha512:...`) says */
export async function verifyChecksum(path: string, expected: string, name: string): Promise<void> {
  const [algorithm, digest] = expected.split(':') as [Algorithm, string]
  const found = await digestOf(path, algorithm)
  if (found !== digest)
    throw new FilesError(
      'FILES_CHECKSUM',
      `${name} is not the file that is wanted: its ${algorithm} is ${found}, not ${digest}.`,
      { hint: 'It was changed or damaged on the way; try again or take another source.' },
    )
}
