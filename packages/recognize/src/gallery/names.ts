import { RecognizeError } from '../errors.js'

const LENGTH = 500

/**
 * A name or a group as it is stored: composed (NFC), without spaces at its ends. Names are never
 * paths, so any character goes but control characters and halves of surrogate pairs.
 * @throws RecognizeError GALLERY_NAME
 */
export function cleanName(text: string, what = 'a name'): string {
  const name = text.normalize('NFC').trim()
  if (name === '' || name.length > LENGTH || /[\p{Cc}\p{Cs}]/u.test(name))
    throw new RecognizeError(
      'GALLERY_NAME',
      `${JSON.stringify(text.slice(0, 60))}: ${what} has 1 to ${LENGTH} characters, none of them a control character`,
    )
  return name
}
