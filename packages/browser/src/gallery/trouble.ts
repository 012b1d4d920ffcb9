import { BrowserError } from '../errors.js'
import { messageOf } from '../options.js'

/** What IndexedDB throws, in this room's words; else what was thrown. @param where of which gallery */
export function troubleOf(where: string, cause: unknown): unknown {
  if (!(cause instanceof DOMException)) return cause
  if (cause.name === 'VersionError')
    return new BrowserError(
      'BROWSER_GALLERY_FORMAT',
      `${where} was made by a newer version of this page`,
      { cause, hint: 'Reload the page.' },
    )
  if (cause.name === 'QuotaExceededError')
    return new BrowserError(
      'BROWSER_STORAGE',
      `${where}: the storage of this site is full. What was acknowledged is there.`,
      {
        cause,
        hint: 'Delete what the site no longer needs, or free space on the device; then do the rest again.',
      },
    )
  return unusable(where, cause)
}

/** There is no storage, it may not be used, or it fails. */
export const unusable = (where: string, cause: unknown): BrowserError =>
  new BrowserError(
    'BROWSER_STORAGE',
    `${where}: the browser's storage fails: ${messageOf(cause)}`,
    { cause, hint: 'A private window, or blocked storage of sites, does this.' },
  )
