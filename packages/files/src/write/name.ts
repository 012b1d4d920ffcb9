import { createHash } from 'node:crypto'

/** Bytes that a file system allows a name. */
const LONGEST = 255

/** A name that would be too long is cut, and ends in what tells it from others that begin so. */
export function fittingName(stem: string, ending = ''): string {
  if (Buffer.byteLength(stem + ending) <= LONGEST) return stem + ending
  const tail = `~${createHash('sha256').update(stem).digest('hex').slice(0, 8)}${ending}`
  const cut = Buffer.from(stem)
    .subarray(0, LONGEST - tail.length)
    .toString()
  return cut.replace(/\ufffd+$/, '') + tail
}
