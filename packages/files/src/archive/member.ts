import { FilesError } from '../errors.js'
import { OutputFile } from '../write/write.js'

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
  new FilesError('FILES_ARCHIVE', `${archive}: ${what}.`, {
    cause,
    hint: 'It is not the archive that is wanted, or damaged: take another source.',
  })

/** @throws FilesError FILES_ARCHIVE if the archive declares another size than is wanted, none, or an absurd one */
export function checkSize(archive: string, { member, size }: Wanted, declared: number): void {
  if (declared === 0) throw refuse(archive, `${member} is empty`)
  if (declared !== (size ?? declared) || declared > MAX_MEMBER)
    throw refuse(archive, `${member} has ${declared} bytes${size === null ? '' : `, not ${size}`}`)
}

/** Writes a member; more or fewer bytes than `declared` are refused. @throws FilesError FILES_WRITE, FILES_DISK_FULL */
export async function writeMember(
  archive: string,
  { member, path }: Wanted,
  declared: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  using file = new OutputFile(path)
  for await (const chunk of chunks) {
    if (file.position + chunk.length > declared)
      throw refuse(archive, `${member} has more than the ${declared} bytes that it declares`)
    await file.writeAsync([chunk])
  }
  if (file.position < declared)
    throw refuse(archive, `${member} has fewer than the ${declared} bytes that it declares`)
  await file.commitAsync()
}
