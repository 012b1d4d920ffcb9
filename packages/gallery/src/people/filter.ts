import { checkOptions, textsOf } from '../options.js'
import { cleanName } from './names.js'

export interface Filter {
  /** Only people in all of these groups. */
  readonly groups?: readonly string[]
}

/** Groups as they are stored: each once, in order. @throws GalleryError GALLERY_NAME, GALLERY_USE */
export const cleanGroups = (groups: readonly string[]) =>
  [...new Set(textsOf(groups, 'groups').map((group) => cleanName(group, 'a group')))].sort()

/** The groups of a filter, none where all are meant. @throws GalleryError GALLERY_USE, GALLERY_NAME */
export function groupsOf(filter: Filter | undefined): readonly string[] {
  if (filter === undefined) return []
  checkOptions('filter', filter, { groups: 'any' })
  return filter.groups === undefined ? [] : cleanGroups(filter.groups)
}
