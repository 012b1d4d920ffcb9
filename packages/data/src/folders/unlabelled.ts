import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../errors.js'
import { isRecords } from '../recordio/find.js'
import type { FolderDataset } from './folders.js'
import { isHidden, isImage, list, warnOfIgnored } from './list.js'
import { listRecordPeople } from './record-people.js'
import { NOBODY } from './sample.js'

/** Images of which nobody says whom they show. */
export type UnlabelledImages = Pick<FolderDataset, 'samples' | 'ignored' | 'warnings'>

/**
 * Lists all images below some folders, however deep, by folder and code point; a root may also be an MXNet `.rec` file. Their
 * label is `NOBODY`. What is hidden or no image is left out as by `openFolders`; a folder that is met again, by a link or
 * below another root, is taken once. Nothing is decoded.
 *
 * @throws DataError DATA_FOLDER_MISSING, DATA_EMPTY_FOLDER (a root without an image), DATA_OPTION (a root given twice);
 *   DATA_RECORDS, DATA_RECORD_INDEX of a `.rec`
 */
export function openUnlabelled(roots: readonly string[]): UnlabelledImages {
  const found: UnlabelledImages = { samples: [], ignored: [], warnings: [] }
  const seen = new Set<string>()
  for (const root of roots) {
    const before = found.samples.length
    if (isRecords(root)) {
      for (const { images } of listRecordPeople(root, found.warnings))
        for (const image of images) found.samples.push(image)
    } else if (!walk(root, seen, found))
      throw new DataError(
        'DATA_OPTION',
        `${root} is given twice, or lies in another folder that is. Give it once.`,
      )
    if (found.samples.length === before)
      throw new DataError('DATA_EMPTY_FOLDER', `${root} holds no image.`)
  }
  for (const sample of found.samples) sample.label = NOBODY
  warnOfIgnored(found)
  return found
}

/** Adds what lies in a folder; false if that was seen before. */
function walk(folder: string, seen: Set<string>, found: UnlabelledImages): boolean {
  const entries = list(folder)
  const real = realpathSync(folder)
  if (seen.has(real)) return false
  seen.add(real)
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (isImage(entry)) found.samples.push({ path, label: NOBODY })
    else if (entry.kind !== 'folder' || isHidden(entry.name)) found.ignored.push(path)
    else walk(path, seen, found)
  }
  return true
}
