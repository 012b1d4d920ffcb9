import { FilesError, isDiskFull, messageOf } from '@arcface/files'

/** What stands in the way of writing the many files of a folder. */
export const unfilled = (folder: string, cause: unknown) =>
  new FilesError(
    isDiskFull(cause) ? 'FILES_DISK_FULL' : 'FILES_WRITE',
    `${folder} cannot be filled: ${messageOf(cause).replace(/\.$/, '')}.`,
    {
      cause,
      hint: 'Check free space and permissions, remove what was written, and start again.',
    },
  )
