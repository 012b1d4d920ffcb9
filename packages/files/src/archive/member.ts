import { open } from 'node:fs/promises'
import { FilesError } from '../errors.js'

/** A member of an archive that is taken out; nothing else of an archive is ever written. */
export interface Wanted {
  readonly member: string
  /** Where it goes: chosen by us, never by the archive. */
  readonly path: string
  /** Bytes, where known. */
  readonly size: number | null
}

/** No model is larger. */
const MAX_MEMBER = 2 ** 32

export const refuse = (archive: string, what: string, cause?: unknown) =>
  new FilesError(
    'FILES_ARCHIVE',
    `${archive}: ${what}. It is not the archive that the pack describes; take another source.`,
    { cause },
  )

/** @throws FilesError FILES_ARCHIVE if the archive declares another size than the pack, or an absurd one */
export function checkSize(archive: string, { member, size }: Wanted, declared: number): void {
  if (declared !== (size ?? declared) || declared > MAX_MEMBER)
    throw refuse(archive, `${member} has ${declared} bytes${size === null ? '' : `, not ${size}`}`)
}

/** Writes a member; more or fewer bytes than `declared` are refused. */
export async function writeMember(
  archive: string,
  { member, path }: Wanted,
  declared: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    let written = 0
    for await (const chunk of chunks) {
      written += chunk.length
      if (written > declared) break
      await file.write(chunk)
    }
    if (written !== declared)
      throw refuse(archive, `${member} has other than the ${declared} bytes that it declares`)
    await file.sync()
  } finally {
    await file.close()
  }
}
