/** Every code of this room: what it means, and the status of an answer over HTTP that it is the reason of. */
export const filesErrors = {
  FILES_READ: {
    meaning: 'A file cannot be read, is too large, or is none.',
    status: 422,
  },
  FILES_WRITE: {
    meaning: 'A file or folder cannot be written.',
    status: 500,
  },
  FILES_DISK_FULL: {
    meaning:
      'The disk is full, or the quota of the user is used up; what was there before is untouched.',
    status: 507,
  },
  FILES_LOCKED: {
    meaning: 'Another process is writing there.',
    status: 409,
  },
  FILES_LINE: {
    meaning: 'A line is longer than any list has.',
    status: 422,
  },
  FILES_ARCHIVE: {
    meaning: 'An archive is damaged, hostile, or not the one described.',
    status: 422,
  },
  FILES_CHECKSUM: {
    meaning: 'A file is not the one that its checksum is of.',
    status: 422,
  },
  FILES_SAFETENSORS: {
    meaning: 'It is no whole safetensors file, or the format cannot hold what is to be written.',
    status: 422,
  },
  FILES_TABLE: {
    meaning:
      'It is no table that is known, or a damaged one: a line of it is no JSON, or has other columns.',
    status: 422,
  },
  FILES_WORKER: {
    meaning: 'The file of a thread is not part of this program: a bundler left it out.',
    status: 500,
  },
  FILES_NODE: {
    meaning: 'This Node is older than the packages need.',
    status: 500,
  },
} as const satisfies Record<string, { readonly meaning: string; readonly status: number }>

export type FilesErrorCode = keyof typeof filesErrors

/** What stands in the way of reading or writing; the message names the file and says what to do. */
export class FilesError extends Error {
  override readonly name = 'FilesError'
  /** What to do, where the message alone does not say it. */
  readonly hint: string | undefined

  constructor(
    readonly code: FilesErrorCode,
    message: string,
    { hint, ...options }: ErrorOptions & { readonly hint?: string | undefined } = {},
  ) {
    super(message, options)
    this.hint = hint
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Where this is what the file system says, or an error of this room that is made of it. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT', 'FILES_DISK_FULL'].includes((error as { code?: string } | null)?.code ?? '')

/** What the file system has against reading `path`; an error of this room stays what it is. */
export function unreadable(path: string, cause: unknown): FilesError {
  if (cause instanceof FilesError) return cause
  // Without the path, which follows the reason.
  const [reason] = messageOf(cause).split(', ')
  return new FilesError('FILES_READ', `${path} cannot be read: ${reason}.`, { cause })
}

/** What the file system has against writing `path`. */
export function unwritable(
  path: string,
  cause: unknown,
  failure = `${path} cannot be written`,
): FilesError {
  // Without the temporary name, which follows the reason.
  const [reason] = messageOf(cause).split(', ')
  if (!isDiskFull(cause)) return new FilesError('FILES_WRITE', `${failure}: ${reason}.`, { cause })
  return new FilesError('FILES_DISK_FULL', `${failure}: the disk is full (${reason}).`, {
    cause,
    hint: 'Free some space and do it again; what was there before is untouched.',
  })
}
