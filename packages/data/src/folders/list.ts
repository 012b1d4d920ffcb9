import { type Dirent, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { firstNames } from '@arcface/files'
import { DataError } from '../errors.js'
import { isImageName } from '../images/format.js'

type Kind = 'file' | 'folder' | 'other'

export interface Entry {
  name: string
  kind: Kind
}

/** What a folder holds, by code point. @throws DataError DATA_FOLDER_MISSING */
export function list(folder: string): Entry[] {
  let entries: Dirent[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why =
      code === 'ENOTDIR'
        ? 'is neither a folder of people nor a .rec.'
        : 'is not a folder that can be read. Check the path and the permissions.'
    throw new DataError('DATA_FOLDER_MISSING', `${folder} ${why}`, { cause: error })
  }
  return entries
    .map((entry) => ({
      name: entry.name,
      kind: kindOf(entry, folder),
      key: Buffer.from(entry.name),
    }))
    .sort((x, y) => Buffer.compare(x.key, y.key)) // UTF-8 bytes sort as code points do
}

/** A named pipe or a device would make the decoder wait for ever, so only plain files count; links are followed. */
function kindOf(entry: Dirent, folder: string): Kind {
  const target = entry.isSymbolicLink()
    ? statSync(join(folder, entry.name), { throwIfNoEntry: false })
    : entry
  if (target?.isDirectory()) return 'folder'
  return target?.isFile() ? 'file' : 'other'
}

export const isHidden = (name: string): boolean => name.startsWith('.')

/** Whether it is taken for an image, by its name. */
export const isImage = ({ name, kind }: Entry): boolean =>
  kind === 'file' && !isHidden(name) && isImageName(name)

/** Puts into words what was left out. */
export function warnOfIgnored({ ignored, warnings }: { ignored: string[]; warnings: string[] }) {
  if (ignored.length > 0)
    warnings.push(
      `Left out, as hidden or neither an image (.jpg, .png, .webp, .avif, .tif, .gif, .bmp) nor a folder of images: ` +
        `${firstNames(ignored, 5)}.`,
    )
}
